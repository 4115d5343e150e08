// A Sigstore on loopback for tests: @sigstore/mock's Fulcio, Rekor v1, Rekor v2 and timestamp authority.
//
// The mock was made for one client in its own process. What is added here is what the real services' clients rely on:
// request and response formats, the bodies that Rekor writes for what it is sent, and Rekor v2's checkpoints.
//
// Prints one line of JSON when it listens: its address, the trusted root, and signing configurations by name.
// Ends when its standard input does, so that it never outlives the tests that started it.
'use strict';

const crypto = require('node:crypto');
const http = require('node:http');
const mock = require('@sigstore/mock');
const { TransparencyLogEntry } = require('@sigstore/protobuf-specs');
const pkijs = require('pkijs');

const MAX_BODY = 4 * 1024 * 1024;
const JSON_TYPE = 'application/json';

const newKeys = () => crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), crypto.createHash('sha256')).digest();
const base64 = (bytes) => Buffer.from(bytes).toString('base64');

// The real Fulcio takes the token from the Authorization header, and a PEM request in base64. It answers 200.
function fulcio(handler) {
  return async (body, request) => {
    const asked = JSON.parse(body);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization || '');
    if (!token) return { status: 401, body: 'no identity token' };
    asked.credentials = { oidcIdentityToken: token[1] };
    if (asked.certificateSigningRequest) {
      asked.certificateSigningRequest = Buffer.from(asked.certificateSigningRequest, 'base64').toString();
    }
    const answer = await handler.fn(JSON.stringify(asked));
    return { status: answer.statusCode === 201 ? 200 : answer.statusCode, body: answer.response, type: JSON_TYPE };
  };
}

// Rekor v1 names the new entry in the ETag header.
function rekor1(handler) {
  return async (body) => {
    const answer = await handler.fn(JSON.stringify(canonicalEntry(JSON.parse(body))));
    const [uuid] = answer.statusCode === 201 ? Object.keys(JSON.parse(answer.response)) : [''];
    return { status: answer.statusCode, body: answer.response, type: JSON_TYPE, headers: { ETag: uuid } };
  };
}

// What Rekor v1 writes of a proposed entry.
// https://github.com/sigstore/rekor/blob/main/pkg/types/dsse/v0.0.1/entry.go, `Canonicalize`
function canonicalEntry({ apiVersion, kind, spec }) {
  if (kind === 'hashedrekord') {
    const { data, signature } = spec;
    return {
      apiVersion,
      kind,
      spec: {
        data: { hash: { algorithm: data.hash.algorithm, value: data.hash.value } },
        signature: { content: signature.content, publicKey: { content: signature.publicKey.content } },
      },
    };
  }
  if (kind !== 'dsse') throw new Error(`entries of kind ${kind} are not taken`);
  const { envelope, verifiers } = spec.proposedContent;
  const parsed = JSON.parse(envelope);
  const hash = (bytes) => ({ algorithm: 'sha256', value: sha256(bytes).toString('hex') });
  return {
    apiVersion,
    kind,
    spec: {
      envelopeHash: hash(envelope),
      payloadHash: hash(Buffer.from(parsed.payload, 'base64')),
      signatures: parsed.signatures.map(({ sig }) => ({ signature: sig, verifier: verifiers[0] })),
    },
  };
}

// Rekor v2 writes hashedrekord 0.0.2 and states no time; its checkpoint's origin is its host name alone. The mock's log
// has one entry at a time, the first, so the entry's hash is the root's.
// https://github.com/sigstore/rekor-tiles/blob/main/CLIENTS.md
function rekor2(tlog, keys, hostname) {
  return async (body) => {
    const { digest, signature } = JSON.parse(body).hashedRekordRequestV002;
    const entry = await tlog.logV2({
      apiVersion: '0.0.2',
      kind: 'hashedrekord',
      spec: { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest }, signature } },
    });
    const rootHash = base64(sha256(Buffer.from([0]), entry.canonicalizedBody));
    const note = `${hostname}\n1\n${rootHash}\n`;
    const signed = Buffer.concat([sha256(tlog.publicKey).subarray(0, 4), crypto.sign('sha256', note, keys.privateKey)]);
    const envelope = `${note}\n\u2014 ${hostname} ${base64(signed)}\n`;
    const written = {
      ...TransparencyLogEntry.toJSON(entry),
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
      logIndex: '0',
      integratedTime: undefined,
      inclusionProof: { logIndex: '0', treeSize: '1', rootHash, hashes: [], checkpoint: { envelope } },
    };
    return { status: 201, body: JSON.stringify(written), type: JSON_TYPE };
  };
}

// Clients send RFC 3161 requests in DER, which the mock's own handler does not read.
function timestamps(tsa) {
  return async (body) => {
    const request = pkijs.TimeStampReq.fromBER(body);
    const { hashAlgorithm, hashedMessage } = request.messageImprint;
    const response = await tsa.timestamp({
      artifactHash: hashedMessage.valueBlock.valueHexView,
      hashAlgorithmOID: hashAlgorithm.algorithmId,
      nonce: request.nonce ? request.nonce.valueBlock.valueDec : 0,
      policyOID: '1.3.6.1.4.1.57264.2',
      certReq: request.certReq,
    });
    return { status: 201, body: response, type: 'application/timestamp-reply' };
  };
}

function trustedRoot(url, start, { ca, ctlog, logs, tsa }) {
  const validFor = { start };
  const chain = (...certificates) => ({ certificates: certificates.map((der) => ({ rawBytes: base64(der) })) });
  const subject = { organization: 'sigstore.mock', commonName: 'sigstore' };
  const log = (publicKey) => ({
    baseUrl: url,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: base64(publicKey), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
    logId: { keyId: base64(sha256(publicKey)) },
  });
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: logs.map(({ publicKey }) => log(publicKey)),
    certificateAuthorities: [{ subject, uri: url, certChain: chain(ca.rootCertificate), validFor }],
    ctlogs: [log(ctlog.publicKey)],
    timestampAuthorities: [
      { subject, uri: url, certChain: chain(tsa.intCertificate, tsa.rootCertificate), validFor },
    ],
  };
}

function signingConfigs(url, start) {
  const service = (path, majorApiVersion) => ({
    url: url + path,
    majorApiVersion,
    validFor: { start },
    operator: 'sigstore.mock',
  });
  const config = (rekorTlogUrls, tsaUrls) => ({
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service('', 1)],
    rekorTlogUrls,
    rekorTlogConfig: { selector: 'ANY' },
    tsaUrls,
    tsaConfig: { selector: 'ANY' },
  });
  const tsa = service('/api/v1/timestamp', 1);
  return {
    rekor1: config([service('', 1)], []),
    rekor1_tsa: config([service('', 1)], [tsa]),
    rekor2: config([service('', 2)], [tsa]),
    rekor2_without_time: config([service('', 2)], []),
    tsa_only: config([], [tsa]),
    nothing: config([], []),
  };
}

async function answer(routes, request, response) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MAX_BODY) return response.writeHead(413).end();
    parts.push(part);
  }
  const route = request.method === 'POST' && routes[request.url];
  if (!route) return response.writeHead(404).end();
  const { status, body, type = 'text/plain', headers = {} } = await route(Buffer.concat(parts), request);
  return response.writeHead(status, { 'Content-Type': type, ...headers }).end(body);
}

async function main() {
  const routes = {};
  const server = http.createServer((request, response) => {
    answer(routes, request, response).catch((error) => response.writeHead(400).end(error.message));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  // Certificates and trust count in whole seconds: nothing may be made before the second that it starts to count in.
  const start = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();

  const [caKeys, ctKeys, logKeys1, logKeys2, tsaKeys] = Array.from({ length: 5 }, newKeys);
  const ctlog = await mock.initializeCTLog(ctKeys);
  const ca = await mock.initializeCA(caKeys, ctlog);
  const [log1, log2] = [await mock.initializeTLog(url, logKeys1), await mock.initializeTLog(url, logKeys2)];
  const tsa = await mock.initializeTSA(tsaKeys);

  routes['/api/v2/signingCert'] = fulcio(mock.fulcioHandler(ca));
  routes['/api/v1/log/entries'] = rekor1(mock.rekorHandler(log1));
  routes['/api/v2/log/entries'] = rekor2(log2, logKeys2, '127.0.0.1');
  routes['/api/v1/timestamp'] = timestamps(tsa);

  const root = trustedRoot(url, start, { ca, ctlog, logs: [log1, log2], tsa });
  console.log(JSON.stringify({ url, trustedRoot: root, signingConfigs: signingConfigs(url, start) }));
  process.stdin.resume().on('end', () => process.exit(0));
}

main();
