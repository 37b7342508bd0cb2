import { useWords } from '../../i18n/words.tsx';
import { Menu } from '../../parts/menu.tsx';
import { COLUMNS, type MinerColumn } from './view.ts';

/** Which columns the table has. */
export function ColumnsMenu(props: {
  chosen: readonly MinerColumn[];
  onChoose: (columns: readonly MinerColumn[]) => void;
}) {
  const { t } = useWords();
  const { chosen } = props;
  return (
    <Menu label={t('miners.columns')} button={t('miners.columns')} bordered>
      <fieldset className="checks menu-checks">
        <legend className="visually-hidden">{t('miners.columns')}</legend>
        {COLUMNS.map((column) => (
          <label key={column} className="check">
            <input
              type="checkbox"
              checked={chosen.includes(column)}
              disabled={column === 'name'}
              onChange={() =>
                props.onChoose(
                  COLUMNS.filter((one) =>
                    one === column ? !chosen.includes(one) : chosen.includes(one),
                  ),
                )
              }
            />
            {t(`column.${column}`)}
          </label>
        ))}
      </fieldset>
    </Menu>
  );
}

/** The whole list, as it is filtered and sorted, as a file. */
export function ExportMenu({ query }: { query: string }) {
  const { t } = useWords();
  return (
    <Menu label={t('miners.export')} button={t('miners.export')} bordered>
      {(['csv', 'csv_semicolon', 'json'] as const).map((format) => (
        <a key={format} href={`/api/fleet/miners/export?${query}&format=${format}`} download>
          {t(`export.${format}`)}
        </a>
      ))}
    </Menu>
  );
}
