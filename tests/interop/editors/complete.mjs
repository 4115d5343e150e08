// Usage: node complete.mjs SCHEMA FILE LINE COLUMN: what an editor with Taplo offers there, one label a line.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { TaploLsp } = createRequire(`${process.env.EDITORS}/`)("@taplo/lsp");
const [schema, file, line, character] = process.argv.slice(2);
const uri = pathToFileURL(file).href;
const folder = new URL(".", uri).href.replace(/\/$/, "");
const nobody = () => {
  throw new Error("there is no network here");
};
const environment = {
  now: () => new Date(0),
  envVar: () => undefined,
  envVars: () => [],
  stdErrAtty: () => false,
  stdin: async () => new Uint8Array(),
  stdout: async (bytes) => bytes.length,
  stderr: async (bytes) => bytes.length,
  glob: () => [],
  readFile: async (path) => readFileSync(path),
  writeFile: async () => {},
  urlToFilePath: (url) => decodeURI(url).slice("file://".length),
  isAbsolute: (path) => path.startsWith("/"),
  cwd: () => "/",
  findConfigFile: () => undefined,
  fetch: { fetch: nobody, Headers, Request, Response },
};
const settings = { schema: { enabled: true, associations: {}, catalogs: [], cache: {}, links: false } };

const answers = new Map();
let configured;
const ready = new Promise((done) => (configured = done));
const server = await TaploLsp.initialize(environment, {
  onMessage: (message) => {
    if (message.method && message.id !== undefined) {
      configured();
      server.send({ jsonrpc: "2.0", id: message.id, result: message.params.items.map(() => settings) });
    } else {
      answers.get(message.id)?.(message.result);
    }
  },
});
const tell = (method, params) => server.send({ jsonrpc: "2.0", method, params });
const ask = (method, params) =>
  new Promise((done) => {
    const id = answers.size + 1;
    answers.set(id, done);
    server.send({ jsonrpc: "2.0", id, method, params });
  });

await ask("initialize", {
  processId: null,
  workspaceFolders: [{ uri: folder, name: "policies" }],
  capabilities: { workspace: { configuration: true } },
  initializationOptions: { configurationSection: "evenBetterToml" },
});
tell("initialized", {});
await ready;
await new Promise((done) => setImmediate(done));
tell("textDocument/didOpen", {
  textDocument: { uri, languageId: "toml", version: 1, text: readFileSync(file, "utf8") },
});
tell("taplo/associateSchema", { documentUri: uri, schemaUri: pathToFileURL(schema).href, rule: { url: uri } });
const offered = await ask("textDocument/completion", {
  textDocument: { uri },
  position: { line: Number(line), character: Number(character) },
});
for (const each of offered) console.log(each.label);
process.exit(0);
