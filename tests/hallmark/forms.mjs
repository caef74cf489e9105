// Holds in-toto statements against JSON schemas written from the specifications, and bundles against Sigstore's
// own protobuf definitions. Standard input: [{kind, text}]; standard output: for each "" or what is wrong.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const Ajv = require('ajv/dist/2020').default;
const { Bundle } = require('@sigstore/protobuf-specs');

const time = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z$' };
const uri = { type: 'string', pattern: '^[a-z][a-z0-9+.-]*:.+$' };
const digestSet = { type: 'object', minProperties: 1, additionalProperties: { type: 'string', pattern: '^[0-9a-f]+$' }, properties: { sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' } } };
// in-toto attestation spec v1, resource_descriptor.md: one of uri, digest, content.
const descriptor = { type: 'object', anyOf: [{ required: ['uri'] }, { required: ['digest'] }, { required: ['content'] }], properties: { name: { type: 'string' }, uri, digest: digestSet } };

// statement.md: subjects are descriptors that must have a digest.
const statement = (type, predicate) => ({
  type: 'object', additionalProperties: false, required: ['_type', 'subject', 'predicateType', 'predicate'],
  properties: {
    _type: { const: 'https://in-toto.io/Statement/v1' },
    subject: { type: 'array', minItems: 1, items: { allOf: [descriptor, { required: ['digest'] }] } },
    predicateType: { const: type }, predicate,
  },
});

const schemas = {
  // slsa.dev/spec/v1.1/verification_summary
  vsa: statement('https://slsa.dev/verification_summary/v1', {
    type: 'object', additionalProperties: false, required: ['verifier', 'timeVerified', 'resourceUri', 'policy', 'verificationResult', 'verifiedLevels'],
    properties: {
      verifier: { type: 'object', required: ['id'], properties: { id: uri, version: { type: 'object', additionalProperties: { type: 'string' } } } },
      timeVerified: time, resourceUri: uri, policy: { allOf: [descriptor, { required: ['uri'] }] }, inputAttestations: { type: 'array', items: { allOf: [descriptor, { required: ['uri', 'digest'] }] } },
      verificationResult: { enum: ['PASSED', 'FAILED'] },
      // SlsaResult: SLSA_<TRACK>_LEVEL_<n>, or words that don't begin with SLSA_.
      verifiedLevels: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^(SLSA_[A-Z]+_LEVEL_\\d+|(?!SLSA_).+)$' } },
      dependencyLevels: { type: 'object' }, slsaVersion: { type: 'string' },
    },
  }),
  // in-toto attestation spec, predicates/test-result.md
  'test-result': statement('https://in-toto.io/attestation/test-result/v0.1', {
    type: 'object', additionalProperties: false, required: ['result', 'configuration'],
    properties: {
      result: { enum: ['PASSED', 'WARNED', 'FAILED'] }, configuration: { type: 'array', items: descriptor }, url: uri,
      passedTests: { type: 'array', items: { type: 'string' } }, warnedTests: { type: 'array', items: { type: 'string' } }, failedTests: { type: 'array', items: { type: 'string' } },
    },
  }),
  verdict: statement('https://assay.example/verdict/v1', {
    type: 'object', additionalProperties: false,
    required: ['verdict', 'office', 'resourceUri', 'product', 'issued', 'expires', 'vettingDate', 'engine', 'rules', 'policy', 'report', 'coverage', 'conditions', 'conditionFindings', 'waivers', 'supersedes', 'replayable'],
    properties: {
      verdict: { enum: ['pass', 'conditional', 'fail', 'inconclusive'] }, office: uri, resourceUri: { type: 'string' }, issued: time, expires: time, vettingDate: { type: 'string' },
      product: { type: 'object', additionalProperties: false, required: ['name', 'version', 'maker', 'ecosystem', 'purl', 'digest', 'size', 'files'], properties: { name: { type: 'string' }, version: { type: 'string' }, maker: { type: 'string' }, ecosystem: { type: 'string' }, purl: { type: 'string' }, digest: digestSet, size: { type: 'integer' }, files: { type: 'array', items: { type: 'string' } } } },
      engine: descriptor, rules: descriptor, policy: descriptor, report: descriptor, declaration: descriptor,
      coverage: { type: 'object', additionalProperties: { type: 'integer', minimum: 0 } },
      conditions: { type: 'array', items: { type: 'string' } }, conditionFindings: { type: 'array', items: { type: 'string' } },
      waivers: { type: 'array', items: { type: 'string' } }, supersedes: { type: 'array', items: { type: 'string', pattern: '^[0-9a-f]{64}$' } }, replayable: { type: 'boolean' },
    },
  }),
};
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
const compiled = Object.fromEntries(Object.entries(schemas).map(([kind, schema]) => [kind, ajv.compile(schema)]));

// What protobuf's reader does not know, it drops: the same must come out as went in.
const sorted = (value) => Array.isArray(value) ? value.map(sorted) : value && typeof value === 'object' ? Object.fromEntries(Object.keys(value).sort().map((k) => [k, sorted(value[k])])) : value;
function bundle(text) {
  const before = JSON.parse(text);
  const after = Bundle.toJSON(Bundle.fromJSON(before));
  return JSON.stringify(sorted(before)) === JSON.stringify(sorted(after)) ? '' : `not the same after Sigstore's reader: ${JSON.stringify(sorted(after))}`;
}

const answers = JSON.parse(readFileSync(0, 'utf8')).map(({ kind, text }) => {
  try {
    if (kind === 'bundle') return bundle(text);
    return compiled[kind](JSON.parse(text)) ? '' : ajv.errorsText(compiled[kind].errors);
  } catch (error) {
    return String(error);
  }
});
console.log(JSON.stringify(answers));
