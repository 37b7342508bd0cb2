import { useWords } from '../i18n/words.tsx';
import { Choice } from './choice.tsx';
import { Dialog } from './dialog.tsx';
import { PAGES } from './pages.ts';

/** The keys of the page, and their switch. */
export function Help(props: {
  keys: { on: boolean; choose: (on: boolean) => void };
  onClose: () => void;
}) {
  const { t } = useWords();
  const { keys } = props;
  return (
    <Dialog title={t('keys.title')} onClose={props.onClose}>
      <div className="stack">
        <dl className={keys.on ? 'keys' : 'keys muted'}>
          <dt>
            <kbd>/</kbd>
          </dt>
          <dd>{t('keys.search')}</dd>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>{t('keys.help')}</dd>
          {PAGES.map(({ href, word, letter }) => (
            <KeyOf key={href} letter={letter.slice(-1)} then={t('keys.then')}>
              {t('keys.go', { page: t(word) })}
            </KeyOf>
          ))}
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>{t('keys.close')}</dd>
        </dl>
        <div className="line">
          <span>{t('keys.switch')}</span>
          <Choice
            label={t('keys.switch')}
            value={keys.on ? 'on' : 'off'}
            options={[
              { value: 'on', text: t('keys.on') },
              { value: 'off', text: t('keys.off') },
            ]}
            onChoose={(chosen) => keys.choose(chosen === 'on')}
          />
        </div>
        {keys.on ? null : <p className="hint">{t('keys.offHint')}</p>}
        <div className="actions">
          <button type="button" className="primary" onClick={props.onClose}>
            {t('form.close')}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function KeyOf(props: { letter: string; then: string; children: string }) {
  return (
    <>
      <dt>
        <kbd>G</kbd> <span className="visually-hidden">{props.then}</span> <kbd>{props.letter}</kbd>
      </dt>
      <dd>{props.children}</dd>
    </>
  );
}
