// Checks JSON documents against a JSON Schema (2020-12) with ajv, an implementation that is not ours.
// usage: check_schema.mjs SCHEMA DOCUMENT...
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';

const [schema, ...documents] = process.argv.slice(2).map((file) => [file, JSON.parse(readFileSync(file))]);
const validate = new Ajv({ allErrors: false, strict: true, allowUnionTypes: true }).compile(schema[1]);
let bad = 0;
for (const [file, document] of documents) {
  if (validate(document)) continue;
  bad = 1;
  console.error(`${file}: ${JSON.stringify(validate.errors)}`);
}
process.exit(bad);
