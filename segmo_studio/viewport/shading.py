"""GLSL for bodies and floor, put into VTK's own shaders.

Bodies get one soft key light, light from sky and floor, and a faint rim: cheaper than VTK's light kit and even
from every side. Bodies may carry point arrays "accent" (metres to the nearest joint mark) and "occlusion".
"""

from __future__ import annotations

from typing import Any

_BODY_VERTEX_DECLARATIONS = """//VTK::PositionVC::Dec
in float accent;
in float occlusion;
out float accentVSOutput;
out float occlusionVSOutput;
"""
_BODY_VERTEX = """//VTK::PositionVC::Impl
accentVSOutput = accent;
occlusionVSOutput = occlusion;
"""
_BODY_FRAGMENT_DECLARATIONS = """//VTK::PositionVC::Dec
in float accentVSOutput;
in float occlusionVSOutput;
"""
_BODY_FRAGMENT = """
vec3 n = normalize(normalVCVSOutput);
float edge = max(fwidth(accentVSOutput), 1e-5);
float marked = 1.0 - smoothstep(-edge, edge, accentVSOutput);
vec3 base = mix(skinColour, markColour, marked);
float key = dot(n, keyDirection) * 0.5 + 0.5;
float sky = dot(n, upDirection) * 0.5 + 0.5;
vec3 light = mix(bounceLight, skyLight, sky) * ambientLight + vec3(1.0, 0.985, 0.96) * (key * key * 0.66);
vec3 toEye = normalize(-vertexVC.xyz);
float facing = clamp(dot(n, toEye), 0.0, 1.0);
float rim = pow(1.0 - facing, 3.0) * 0.16 * sky;
float shine = pow(clamp(dot(n, normalize(keyDirection + toEye)), 0.0, 1.0), 28.0) * 0.10;
vec3 lit = base * light * occlusionVSOutput + skyLight * rim + vec3(shine);
gl_FragData[0] = vec4(lit, bodyOpacity);
"""

_FLOOR_VERTEX_DECLARATIONS = """//VTK::PositionVC::Dec
out vec2 floorPosition;
"""
_FLOOR_VERTEX = """//VTK::PositionVC::Impl
floorPosition = vertexMC.xz;
"""
_FLOOR_FRAGMENT_DECLARATIONS = """//VTK::PositionVC::Dec
in vec2 floorPosition;
"""
# Lines of constant width in pixels, by the distance to the nearest line over its change per pixel; where lines
# would be closer than about three pixels they fade out instead of shimmering.
_FLOOR_FRAGMENT = """
vec2 change = max(fwidth(floorPosition), vec2(1e-5));
vec2 metre = abs(fract(floorPosition - 0.5) - 0.5) / change;
vec2 cover = clamp(1.2 - metre, 0.0, 1.0) * (1.0 - smoothstep(0.12, 0.35, change));
vec2 half_metre = abs(fract(floorPosition * 2.0 - 0.5) - 0.5) / (change * 2.0);
vec2 fine = clamp(1.1 - half_metre, 0.0, 1.0) * (1.0 - smoothstep(0.03, 0.10, change));
float line = max(max(cover.x, cover.y), 0.35 * max(fine.x, fine.y));
float away = length(floorPosition - floorCentre) / floorRadius;
float fade = 1.0 - smoothstep(0.15, 1.0, away);
float pool = exp(-away * away * 9.0) * 0.55;
float lineAlpha = line * fade * lineStrength;
float alpha = lineAlpha + pool * (1.0 - lineAlpha);
vec3 colour = mix(floorColour, lineColour, alpha > 0.0 ? lineAlpha / alpha : 0.0);
gl_FragData[0] = vec4(colour, alpha);
"""


def use_body_shader(actor: Any) -> None:
    shader = actor.GetShaderProperty()
    shader.AddVertexShaderReplacement("//VTK::PositionVC::Dec", True, _BODY_VERTEX_DECLARATIONS, False)
    shader.AddVertexShaderReplacement("//VTK::PositionVC::Impl", True, _BODY_VERTEX, False)
    shader.AddFragmentShaderReplacement("//VTK::PositionVC::Dec", True, _BODY_FRAGMENT_DECLARATIONS, False)
    shader.AddFragmentShaderReplacement("//VTK::Light::Impl", True, _BODY_FRAGMENT, False)
    bind_body_arrays(actor.GetMapper())


def bind_body_arrays(mapper: Any) -> None:
    """Give the shader what the points of a mesh carry."""
    for name in ("accent", "occlusion"):
        mapper.MapDataArrayToVertexAttribute(name, name, 0, -1)


def use_floor_shader(actor: Any) -> None:
    shader = actor.GetShaderProperty()
    shader.AddVertexShaderReplacement("//VTK::PositionVC::Dec", True, _FLOOR_VERTEX_DECLARATIONS, False)
    shader.AddVertexShaderReplacement("//VTK::PositionVC::Impl", True, _FLOOR_VERTEX, False)
    shader.AddFragmentShaderReplacement("//VTK::PositionVC::Dec", True, _FLOOR_FRAGMENT_DECLARATIONS, False)
    shader.AddFragmentShaderReplacement("//VTK::Light::Impl", True, _FLOOR_FRAGMENT, False)
