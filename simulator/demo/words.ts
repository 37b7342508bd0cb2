import type { Language } from '#contract/language.ts';

const en = {
  starting: 'Starting Hashyard with two simulated sites. This takes about half a minute.',
  built: 'admin page and agent built',
  serverReady: 'server ready',
  farm: (site: string, miners: number, range: string) => `${site}: ${miners} miners on ${range}`,
  history: (samples: number) =>
    `24 hours of history: ${samples.toLocaleString('en')} samples in the agents’ queues`,
  agents: 'agents started, scanning',
  live: (miners: number) => `first live samples of ${miners} miners stored`,
  backlog: (samples: number) =>
    `history delivered: ${samples.toLocaleString('en')} samples acknowledged`,
  screen: (url: string, password: string, dir: string) => `
  Hashyard is running.

    Open       ${url}
    Log in     admin / ${password}

  Worth a look
    · Sites and agents: who was heard last, and what an agent still holds
    · Miners: some have a dead board or fan, sleep, overheat, vanish or move to another address
    · Agents → Add agent: its key is shown once, with the line that installs it
    · The API: ${url}/docs

  Stop everything with Ctrl-C. All data is in ${dir} and goes with it.
`,
  stopping: 'Stopping …',
  stopped: 'Everything is stopped and removed.',
  alreadyRunning: (pid: number) => `A demo is running already (process ${pid}). Stop it first.`,
  portTaken: (port: number) =>
    `Port ${port} is taken: stop what uses it, or choose another with "npm run demo -- --port 8001".`,
  failed: 'The demo could not start:',
};

const ru: typeof en = {
  starting: 'Запускаю Hashyard с двумя имитируемыми площадками. Это займёт около полуминуты.',
  built: 'страница администратора и агент собраны',
  serverReady: 'сервер готов',
  farm: (site, miners, range) => `${site}: ${miners} майнеров в ${range}`,
  history: (samples) =>
    `24 часа истории: ${samples.toLocaleString('ru')} замеров в очередях агентов`,
  agents: 'агенты запущены и сканируют сеть',
  live: (miners) => `сохранены первые текущие замеры ${miners} майнеров`,
  backlog: (samples) => `история доставлена: подтверждено ${samples.toLocaleString('ru')} замеров`,
  screen: (url, password, dir) => `
  Hashyard работает.

    Откройте   ${url}
    Вход       admin / ${password}

  На что посмотреть
    · Площадки и агенты: кто когда был на связи и что агент ещё держит у себя
    · Майнеры: у некоторых отказала плата или вентилятор, другие спят, перегреты, пропали или сменили адрес
    · Агенты → Добавить агента: ключ показывается один раз, вместе со строкой установки
    · API: ${url}/docs

  Остановить всё: Ctrl-C. Все данные лежат в ${dir} и исчезнут вместе с демонстрацией.
`,
  stopping: 'Останавливаю …',
  stopped: 'Всё остановлено и удалено.',
  alreadyRunning: (pid) => `Демонстрация уже запущена (процесс ${pid}). Сначала остановите её.`,
  portTaken: (port) =>
    `Порт ${port} занят: остановите то, что его использует, или выберите другой: "npm run demo -- --port 8001".`,
  failed: 'Демонстрация не запустилась:',
};

export type Words = typeof en;

export function wordsIn(language: Language): Words {
  return language === 'ru' ? ru : en;
}
