import { languageOf } from '#contract/language.ts';
import { EXIT } from './failure.ts';
import { messagesIn } from './messages.ts';

/** As `engines` of package.json. */
const NEEDED = { major: 24, minor: 11 };

// Imported before anything that an older Node cannot load: a site would see a stack trace instead.
const { node } = process.versions;
const [major = 0, minor = 0] = node.split('.').map(Number);
if (major < NEEDED.major || (major === NEEDED.major && minor < NEEDED.minor)) {
  const say = messagesIn(languageOf(process.env));
  process.stderr.write(`${say.nodeTooOld(`${NEEDED.major}.${NEEDED.minor}`, node)}\n`);
  process.exit(EXIT.usage);
}
