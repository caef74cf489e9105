// Asks @sigstore/verify about bundles. Standard input: [{bundle, keys: {hint: base64 of DER}, log: {baseUrl,
// keyId, der}}]; standard output: for each "" when it holds, else why not.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { bundleFromJSON, isBundleWithDsseEnvelope } = require('@sigstore/bundle');
const { Verifier, toSignedEntity, toTrustMaterial } = require('@sigstore/verify');
const { TrustedRoot } = require('@sigstore/protobuf-specs');

function check({ bundle, keys, log }) {
  const root = TrustedRoot.fromJSON({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [{ baseUrl: log.baseUrl, hashAlgorithm: 'SHA2_256', publicKey: { rawBytes: log.der, keyDetails: 'PKIX_ED25519', validFor: { start: '2020-01-01T00:00:00Z' } }, logId: { keyId: log.keyId } }],
  });
  const known = Object.fromEntries(Object.entries(keys).map(([hint, der]) => [hint, { rawBytes: Buffer.from(der, 'base64') }]));
  // Its key wants PEM or an object; a function gives the key as it is.
  const { createPublicKey } = require('node:crypto');
  const find = (hint) => {
    if (!known[hint]) throw new Error(`key not found: ${hint}`);
    return { publicKey: createPublicKey({ key: known[hint].rawBytes, format: 'der', type: 'spki' }), validFor: () => true };
  };
  const parsed = bundleFromJSON(JSON.parse(bundle));
  if (!isBundleWithDsseEnvelope(parsed)) throw new Error('not a DSSE bundle');
  new Verifier(toTrustMaterial(root, find), { tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 0 }).verify(toSignedEntity(parsed));
}

const answers = JSON.parse(readFileSync(0, 'utf8')).map((job) => {
  try {
    check(job);
    return '';
  } catch (error) {
    return `${error.code ?? error.name}: ${error.message}`;
  }
});
console.log(JSON.stringify(answers));
