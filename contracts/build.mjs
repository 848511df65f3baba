// Fetches the contract packages by the lock file, unpacks single folders of those in archives.json
// (whose own dependencies would be hundreds of megabytes) and compiles src/*.sol, and published
// sources that come without bytecode, into build/.
// Does nothing, quickly, when all is up to date.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const at = (...parts) => join(here, ...parts);
const sources = readdirSync(at("src")).filter((name) => name.endsWith(".sol")).sort();

function digest(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(readFileSync(path)).update("\0");
  return hash.digest("hex");
}

function holds(path, text) {
  return existsSync(path) && readFileSync(path, "utf8") === text;
}

function fetchPackages() {
  const wanted = digest([at("package.json"), at("package-lock.json")]);
  const stamp = at("node_modules", ".fetched");
  if (holds(stamp, wanted)) return;
  console.log("contracts: fetching the locked packages");
  const arguments_ = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", arguments_, { cwd: here, stdio: "inherit" });
  writeFileSync(stamp, wanted);
}

function unpackArchives() {
  const wanted = digest([at("archives.json")]);
  const stamp = at("archives", ".fetched");
  if (holds(stamp, wanted)) return;
  rmSync(at("archives"), { recursive: true, force: true });
  for (const archive of JSON.parse(readFileSync(at("archives.json"), "utf8"))) {
    console.log(`contracts: fetching ${archive.package}`);
    const folder = at("archives", archive.package);
    mkdirSync(folder, { recursive: true });
    const pack = ["pack", archive.package, "--ignore-scripts", "--silent"];
    const name = execFileSync("npm", [...pack, "--pack-destination", folder], { cwd: here });
    const file = join(folder, name.toString().trim());
    const found = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
    if (found !== archive.integrity) {
      throw new Error(`${archive.package}: the archive is ${found}, not ${archive.integrity}`);
    }
    const depth = `--strip-components=${archive.folder.split("/").length}`;
    execFileSync("tar", ["-xzf", file, "-C", folder, depth, archive.folder]);
    rmSync(file);
  }
  writeFileSync(stamp, wanted);
}

// Published sources that no package has compiled, each with the compiler it was written for.
const chef = {
  compiler: "solc-0.6",
  sources: ["MasterChef.sol", "SushiToken.sol"],
  root: at("archives", "@sushiswap/core@1.4.2"),
  remapped: { "@openzeppelin/contracts/": at("archives", "@openzeppelin/contracts@3.1.0") },
  wanted: ["MasterChef", "SushiToken"],
  runs: 200,
};
const stakingRewards = {
  compiler: "solc-0.5",
  sources: ["StakingRewards.sol"],
  root: at("archives", "synthetix@2.102.1"),
  remapped: {
    "openzeppelin-solidity-2.3.0/contracts/": at("archives", "openzeppelin-solidity@2.3.0"),
  },
  wanted: ["StakingRewards"],
  runs: 200,
};
const ours = { compiler: "solc", sources, root: at("src"), remapped: {}, runs: 1000000 };

// Reads what a source imports: `./` is resolved by the compiler, packages by the table.
function importer({ root, remapped }) {
  return (path) => {
    const prefix = Object.keys(remapped).find((each) => path.startsWith(each));
    const file = prefix ? join(remapped[prefix], path.slice(prefix.length)) : join(root, path);
    return existsSync(file) ? { contents: readFileSync(file, "utf8") } : { error: "not found" };
  };
}

function compileOne(job) {
  console.log(`contracts: compiling ${job.sources.join(", ")}`);
  const solc = createRequire(import.meta.url)(job.compiler);
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(
      job.sources.map((name) => [name, { content: readFileSync(join(job.root, name), "utf8") }]),
    ),
    settings: {
      optimizer: { enabled: true, runs: job.runs },
      outputSelection: { "*": { "*": ["evm.bytecode.object"] } },
    },
  };
  const read = importer(job);
  // Before 0.6 the compiler takes the reader itself, from then on an object with it.
  const callback = Number(solc.semver().split(".")[1]) < 6 ? read : { import: read };
  const output = JSON.parse(solc.compile(JSON.stringify(input), callback));
  const errors = (output.errors ?? []).filter((error) => error.severity === "error");
  if (errors.length > 0) {
    throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  }
  for (const contracts of Object.values(output.contracts)) {
    for (const [name, contract] of Object.entries(contracts)) {
      const bytecode = contract.evm.bytecode.object;
      if (bytecode === "" || (job.wanted && !job.wanted.includes(name))) continue;
      writeFileSync(at("build", `${name}.json`), JSON.stringify({ bytecode: `0x${bytecode}` }));
    }
  }
}

function compile() {
  const inputs = ["package-lock.json", "archives.json", "build.mjs"];
  inputs.push(...sources.map((name) => join("src", name)));
  const wanted = digest(inputs.map((name) => at(name)));
  const stamp = at("build", ".built");
  if (holds(stamp, wanted)) return;
  rmSync(at("build"), { recursive: true, force: true });
  mkdirSync(at("build"));
  for (const job of [ours, chef, stakingRewards]) compileOne(job);
  writeFileSync(stamp, wanted);
}

fetchPackages();
unpackArchives();
compile();
