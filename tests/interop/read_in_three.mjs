// World joint positions at given times of BVH, FBX, glTF and USD files, as three.js plays them.
// node read_in_three.mjs JOBS.json, a list of {file, output, times, vertex_times, unit}; see read_in_blender.py.
import fs from "node:fs";
import * as THREE from "three";
import { BVHLoader } from "three/addons/loaders/BVHLoader.js";
import { FBXLoader } from "three/addons/loaders/FBXLoader.js";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";

globalThis.self ??= globalThis; // the loaders are written for a browser
globalThis.window ??= globalThis;

async function open(job) {
  const bytes = fs.readFileSync(job.file);
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const extension = job.file.split(".").pop().toLowerCase();
  if (extension === "bvh") {
    const { skeleton, clip } = new BVHLoader().parse(bytes.toString("utf8"));
    const root = new THREE.Group();
    root.add(skeleton.bones[0]);
    return { root, clips: [clip], scale: job.unit };
  }
  if (extension === "fbx") {
    const root = new FBXLoader().parse(buffer, "");
    return { root, clips: root.animations, scale: 0.01 * (root.userData.unitScaleFactor ?? 1) };
  }
  const loaded = await new GLTFLoader().parseAsync(buffer, "");
  return { root: loaded.scene, clips: loaded.animations, scale: 1 };
}

async function read(job) {
  const { root, clips, scale } = await open(job);
  if (clips.length !== 1) throw new Error(`${clips.length} animations, expected 1`);
  const start = Math.min(...clips[0].tracks.map((track) => track.times[0]));
  if (start !== 0) throw new Error(`the first key is at ${start} s, expected 0`);
  const mixer = new THREE.AnimationMixer(root);
  const action = mixer.clipAction(clips[0]);
  action.setLoop(THREE.LoopOnce);
  action.clampWhenFinished = true;
  action.play();
  const bones = [];
  const skins = []; // one for every material
  root.traverse((node) => {
    if (node.isBone && node.name !== "ENDSITE") bones.push(node);
    if (node.isSkinnedMesh) skins.push(node);
  });
  if (!bones.length) root.traverse((node) => node.name && bones.push(node)); // a glTF without skin has no bones
  const point = new THREE.Vector3();
  const scaled = () => [point.x * scale, point.y * scale, point.z * scale];
  const goTo = (seconds) => {
    action.reset(); // at its end it pauses for good
    mixer.setTime(seconds);
    root.updateMatrixWorld(true);
  };
  const positions = job.times.map((seconds) => {
    goTo(seconds);
    return bones.map((bone) => (bone.getWorldPosition(point), scaled()));
  });
  const verticesOf = (skin) => {
    skin.skeleton.update();
    return Array.from({ length: skin.geometry.attributes.position.count }, (_, index) => {
      skin.getVertexPosition(index, point);
      point.applyMatrix4(skin.matrixWorld);
      return scaled();
    });
  };
  const vertices = job.vertex_times.map((seconds) => {
    goTo(seconds);
    return skins.flatMap(verticesOf);
  });
  return {
    names: bones.map((bone) => bone.userData.name ?? bone.name),
    positions,
    vertices,
    program: `three.js r${THREE.REVISION}`,
    takes: clips.map((clip) => clip.name),
    seconds: clips[0].duration,
  };
}

console.warn = () => {}; // FBXLoader and GLTFLoader miss pictures and a canvas
for (const job of JSON.parse(fs.readFileSync(process.argv[2], "utf8"))) {
  let found;
  try {
    found = await read(job);
  } catch (error) {
    found = { error: String(error.stack ?? error).slice(0, 800) };
  }
  fs.writeFileSync(job.output, JSON.stringify(found));
}
