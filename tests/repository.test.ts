import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  commandsIn,
  importsOf,
  repositoryFiles,
  ROOT,
  textOf,
} from './support/repository-files.ts';

const run = promisify(execFile);
const files = repositoryFiles().filter((path) => existsSync(join(ROOT, path)));
const modules = files.filter((path) => /\.tsx?$/.test(path));
const pages = files.filter((path) => path.endsWith('.md'));

/** What a part may import: packages are free unless listed, own folders are closed unless listed. */
const MAY_IMPORT: Record<string, { folders: readonly string[]; packages?: readonly string[] }> = {
  contract: { folders: [], packages: ['zod'] },
  agent: { folders: ['contract'] },
  server: { folders: ['contract', 'migrations'] },
  migrations: { folders: [] },
};
const PARTS = [...Object.keys(MAY_IMPORT), 'simulator', 'grafana', 'bench', 'tests'];

describe('parts', () => {
  test.for(Object.entries(MAY_IMPORT))('%s imports only what it may', ([part, may]) => {
    const wrong: string[] = [];
    // What only developers run may reach further: tests, and the dump, which starts a Postgres of its own.
    const own = modules
      .filter((path) => path.startsWith(`${part}/`))
      .filter((path) => !/\.test\.tsx?$/.test(path) && path !== 'migrations/dump.ts');
    expect(own).not.toHaveLength(0);
    for (const path of own) {
      for (const target of importsOf(path, textOf(path))) {
        const folder = PARTS.find((name) => target.startsWith(`${name}/`));
        const fine =
          folder === undefined
            ? (may.packages?.includes(target) ?? true)
            : folder === part || may.folders.includes(folder);
        if (!fine) wrong.push(`${path} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('the agent needs no database and no web framework', () => {
    const wrong = modules
      .filter((path) => path.startsWith('agent/'))
      .filter((path) =>
        importsOf(path, textOf(path)).some((target) =>
          /^(postgres|fastify|@fastify\/)/.test(target),
        ),
      );
    expect(wrong).toEqual([]);
  });
});

describe('files', () => {
  const GENERATED =
    /^(package-lock\.json|migrations\/schema\.sql|grafana\/provisioning\/|grafana\/contact-points\/|contract\/goldens\/)|\/recordings\//;
  const written = files.filter(
    (path) => /\.(tsx?|sql|css|md|ya?ml|json|html|sh)$/.test(path) && !GENERATED.test(path),
  );

  test('none is longer than 500 lines', () => {
    const long = written.filter((path) => textOf(path).split('\n').length > 501);
    expect(long).toEqual([]);
  });

  test('none names a machine, a package mirror or an unfinished thought', () => {
    const forbidden = [
      /(?:^|[\s"'`(=])\/(?:work|root|Users)\//m,
      /\/home\/(?!node\b)\w+\//,
      /\bregistry\.[a-z.]+\.[a-z]{2,}/,
      /\b(?:TODO|FIXME|XXX)\b/,
      /^(?:<{7}|>{7}) /m,
    ];
    const wrong = written
      .filter((path) => path !== 'tests/repository.test.ts')
      .flatMap((path) =>
        forbidden
          .map((pattern) => pattern.exec(textOf(path))?.[0])
          .filter((found) => found !== undefined)
          .map((found) => `${path}: ${found.trim()}`),
      );
    expect(wrong).toEqual([]);
  });

  test('the lockfile names no download address', () => {
    expect(textOf('package-lock.json')).not.toContain('"resolved"');
  });
});

describe('pages', () => {
  const DEVELOPERS =
    /^(CONTRIBUTING|CHANGELOG)\.md$|^docs\/(decisions\/|adding-a-miner-family\.md)/;

  test('every page for users exists in English and Russian', () => {
    const missing = pages
      .filter((path) => !DEVELOPERS.test(path) && (path.startsWith('docs/') || !path.includes('/')))
      .map((path) => {
        if (path.startsWith('docs/ru/')) return path.replace('docs/ru/', 'docs/');
        if (path.startsWith('docs/')) return path.replace('docs/', 'docs/ru/');
        return path.endsWith('.ru.md')
          ? path.replace('.ru.md', '.md')
          : path.replace('.md', '.ru.md');
      })
      .filter((path) => !files.includes(path));
    expect(missing).toEqual([]);
  });

  test('every link between files leads somewhere', () => {
    const broken = pages.flatMap((page) =>
      [...textOf(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^(https?|mailto):/.test(target))
        .filter((target) => !existsSync(join(ROOT, dirname(page), target)))
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  const commands = [...new Set(pages.flatMap((page) => commandsIn(textOf(page))))];
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };

  test('every npm command they name is a script', () => {
    const named = commands.flatMap(
      (command) => /^npm run (?:--silent )?([\w:-]+)/.exec(command)?.[1] ?? [],
    );
    expect(named).toContain('demo');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  /** How pages spell our programs, and the file that is meant. */
  const PROGRAMS: [RegExp, string][] = [
    [/^(?:docker compose exec server )?node server\/main\.ts\b/, 'server/main.ts'],
    [/^npm run server --/, 'server/main.ts'],
    [/^hashyard(?=\s|$)/, 'server/main.ts'],
    [/^npm run agent --/, 'agent/main.ts'],
    [/^(?:\S*\/)?hashyard-agent(?:\.mjs)?(?=\s|$)/, 'agent/main.ts'],
    [/^npm run bench --/, 'bench/main.ts'],
    [/^npm run demo --/, 'simulator/demo/main.ts'],
    [/^npm run simulator --/, 'simulator/main.ts'],
  ];

  test(
    'every subcommand and option of ours they name is in its help',
    { timeout: 120_000 },
    async () => {
      const named = commands.flatMap((command) => {
        const [spelling, program] = PROGRAMS.find(([pattern]) => pattern.test(command)) ?? [];
        if (spelling === undefined || program === undefined) return [];
        const rest = command.replace(spelling, '').trim().split(/\s+/);
        const firstOther = rest.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
        const words = firstOther < 0 ? rest : rest.slice(0, firstOther);
        return [{ command, program, words, options: rest.filter((word) => word.startsWith('--')) }];
      });
      expect(named.length).toBeGreaterThan(3);
      const helps = new Map<string, string>();
      const wrong: string[] = [];
      for (const { command, program, words, options } of named) {
        const line = [program, ...words].join(' ');
        const help = helps.get(line) ?? (await helpOf(program, words));
        helps.set(line, help);
        const usage = (/^Usage: (.*)$/m.exec(help)?.[1] ?? '').split(' ');
        // Words that are no subcommand are values for the arguments it takes.
        const values = words.filter((word) => !usage.includes(word));
        const takes = usage.filter((part) => /^[<[](?!options|command)/.test(part)).length;
        const unknown = [
          ...values.slice(takes),
          ...options
            .map((option) => option.split('=')[0] ?? '')
            .filter((option) => option !== '--help' && !help.includes(option)),
        ];
        if (unknown.length > 0) wrong.push(`${command}: no ${unknown.join(', ')}`);
      }
      expect(wrong).toEqual([]);
    },
  );
});

async function helpOf(program: string, words: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(ROOT, program), ...words, '--help'], {
    env: { PATH: process.env['PATH'], HASHYARD_LANG: 'en' },
  });
  return stdout;
}
