// What the Khronos validator finds in glTF files: node validate_gltf.mjs JOBS.json, a list of {file, output}.
import fs from "node:fs";
import { createRequire } from "node:module";

const validator = createRequire(import.meta.url)("gltf-validator");
for (const job of JSON.parse(fs.readFileSync(process.argv[2], "utf8"))) {
  const { issues, validatorVersion } = await validator.validateBytes(new Uint8Array(fs.readFileSync(job.file)));
  const listed = issues.messages.filter((issue) => issue.severity <= 1); // errors and warnings
  fs.writeFileSync(
    job.output,
    JSON.stringify({
      program: `glTF validator ${validatorVersion}`,
      findings: listed.map((issue) => `${issue.code} at ${issue.pointer}: ${issue.message}`),
    }),
  );
}
