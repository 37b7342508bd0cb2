import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export const ROOT = join(import.meta.dirname, '../..');

/** Every file of the repository, committed or about to be, by its path from the root. */
export function repositoryFiles(): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    { cwd: ROOT, encoding: 'utf8' },
  );
  return listed.split('\0').filter((path) => path !== '');
}

export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*)'([^'\n]+)'/g;

/** What a module imports: packages by name, own modules by their path from the root. */
export function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(SPECIFIER)].map(([, specifier = '']) => {
    if (specifier.startsWith('.')) return normalize(join(dirname(path), specifier));
    return specifier.replace(/^#contract\//, 'contract/');
  });
}

/** Every `npm run x`, `npm test` and own program a page tells people to type, one a line, arguments included. */
export function commandsIn(markdown: string): string[] {
  const fenced = [...markdown.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block = '']) =>
    block.split(/\n|&&|;/),
  );
  const spans = [...markdown.replaceAll(/^```[^]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, span = '']) => span,
  );
  return [...fenced, ...spans.flatMap((span) => span.split('&&'))]
    .map((command) => command.replace(/\s+#.*$/, '').trim())
    .filter((command) => command !== '');
}
