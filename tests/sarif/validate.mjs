// Validates SARIF files with @microsoft/sarif-multitool: schema and analysis rules. Errors fail;
// notes and warnings are printed. Beside it, GitHub's limits are counted.
// usage: validate.mjs FILE...
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve(`@microsoft/sarif-multitool-${process.platform === 'win32' ? 'win32' : process.platform}/package.json`));
const tool = join(folder, process.platform === 'win32' ? 'Sarif.Multitool.exe' : 'Sarif.Multitool');
chmodSync(tool, 0o755);  // npm leaves it unexecutable when scripts are off

let bad = 0;
for (const file of process.argv.slice(2)) {
  const scratch = mkdtempSync(join(tmpdir(), 'assay-sarif-'));
  const out = join(scratch, 'validation.sarif');
  const ran = spawnSync(tool, ['validate', file, '--output', out, '--log', 'ForceOverwrite', '--level', 'Error;Warning;Note', '--kind', 'Fail'],
                        { encoding: 'utf8', env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', DOTNET_BUNDLE_EXTRACT_BASE_DIR: scratch } });
  let results;
  try {
    results = JSON.parse(readFileSync(out)).runs[0].results ?? [];
  } catch (error) {
    console.error(`${file}: the validator wrote nothing (${error.message})\n${ran.stdout}${ran.stderr}`);
    bad = 1;
    continue;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const seen = new Set();
  for (const r of results) {
    if (r.level === 'error') bad = 1;
    const text = `${r.level ?? 'warning'} ${r.ruleId}: ${r.message.text ?? JSON.stringify(r.message.arguments)}`;
    const key = `${r.ruleId}${r.level}`;
    if (!seen.has(key)) console.error(`${file}: ${text}`);
    seen.add(key);
  }
  const [run] = JSON.parse(readFileSync(file)).runs;
  const limits = [
    [run.results.length, 25000, 'results'],
    [run.tool.driver.rules?.length ?? 0, 25000, 'rules'],
    [Math.max(0, ...run.results.map((r) => r.locations?.length ?? 0)), 1000, 'locations of a result'],
    [Math.max(0, ...(run.tool.driver.rules ?? []).map((r) => r.properties?.tags?.length ?? 0)), 20, 'tags of a rule'],
  ];
  for (const [count, most, what] of limits) {
    if (count <= most) continue;
    console.error(`${file}: ${count} ${what}, more than ${most}`);
    bad = 1;
  }
}
process.exit(bad);
