// World joint positions of every frame of a BVH file, as three.js plays it: node read_in_three.mjs FILE.bvh OUT.json
import fs from "node:fs";
import * as THREE from "three";
import { BVHLoader } from "three/addons/loaders/BVHLoader.js";

const [, , file, output] = process.argv;
const { skeleton, clip } = new BVHLoader().parse(fs.readFileSync(file, "utf8"));
const scene = new THREE.Group();
scene.add(skeleton.bones[0]);
const mixer = new THREE.AnimationMixer(scene);
const action = mixer.clipAction(clip);
action.setLoop(THREE.LoopOnce);
action.clampWhenFinished = true;
action.play();

const bones = skeleton.bones.filter((bone) => bone.name !== "ENDSITE");
const positions = [...clip.tracks[0].times].map((time) => {
  mixer.setTime(time);
  scene.updateMatrixWorld(true);
  return bones.map((bone) => bone.getWorldPosition(new THREE.Vector3()).toArray());
});
fs.writeFileSync(
  output,
  JSON.stringify({ names: bones.map((bone) => bone.name), times: [...clip.tracks[0].times], positions }),
);
