"""A triangle mesh whose points and normals are rewritten in place, and the actor that draws it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvista as pv
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkPolyDataMapper

FloatArray = NDArray[np.floating]


class MeshBuffer:
    """points, normals: (V, 3) float32 arrays that share memory with ``mesh``; call ``changed`` after writing."""

    def __init__(self, num_points: int, triangles: NDArray[np.integer]) -> None:
        """triangles: (F, 3) indices into the points."""
        self.points: FloatArray = np.zeros((num_points, 3), dtype=np.float32)
        self.normals: FloatArray = np.tile(np.array([0.0, 1.0, 0.0], dtype=np.float32), (num_points, 1))
        shared: Any = self.points  # PyVista's types know double precision alone
        self.mesh = pv.PolyData.from_regular_faces(shared, np.asarray(triangles), deep=False)
        self.mesh.point_data.active_normals = self.normals

    def add_array(self, name: str, values: NDArray[np.generic]) -> None:
        """A point array of (V,) or (V, n) values."""
        self.mesh.point_data.set_array(np.ascontiguousarray(values), name)

    def changed(self) -> None:
        points = self.mesh.GetPoints()
        points.GetData().Modified()
        points.Modified()
        self.mesh.GetPointData().GetNormals().Modified()
        self.mesh.Modified()


def actor_of(mesh: pv.PolyData | None = None) -> pv.Actor:
    """An actor that no mouse picks. Its mapper is VTK's own for triangles, which takes point arrays into shaders and
    copies nothing; PyVista's goes through colour maps that nothing here has.
    """
    actor = pv.Actor()
    actor.pickable = False
    actor.prop.interpolation = "Gouraud"  # PyVista's own is flat, which shows every triangle
    if mesh is not None:
        show_mesh(actor, mesh)
    return actor


def show_mesh(actor: pv.Actor, mesh: pv.PolyData) -> vtkPolyDataMapper:
    """Have ``actor`` draw ``mesh`` from now on."""
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(mesh)
    actor.mapper = mapper
    return mapper
