import type { Language } from '#contract/language.ts';

/** Everything people read on a terminal. Log lines and JSON stay English. */
export const en = {
  nodeTooOld: (needed: string, found: string) =>
    `hashyard-agent needs Node ${needed} or newer; this is Node ${found}. Install a newer one from https://nodejs.org.`,

  // Configuration
  unknownKey: (file: string, key: string, near: string | null) =>
    `${file}: unknown setting "${key}"${near === null ? '' : `; did you mean "${near}"?`}`,
  unknownVariable: (name: string, near: string) =>
    `${name} is not a setting; did you mean ${near}?`,
  badSetting: (setting: string, origin: string, expected: string) =>
    `${setting} (${origin}) is not valid. Expected: ${expected}`,
  noApiKey:
    'No API key. Set AGENT_API_KEY, or "api_key" in config.json, to the key shown when the agent was added on the server.',
  noConfigFile: (file: string) => `${file} does not exist`,
  configUnreadable: (file: string, why: string) => `${file} cannot be read: ${why}`,
  configNotJson: (file: string, why: string) => `${file} is not a JSON object: ${why}`,
  secretsOpen: (file: string) =>
    `${file} holds secrets and other users can read it. Run: chmod 600 ${file}`,
  plainHttp: (origin: string) =>
    `${origin} is not encrypted: whoever is on the way can read the API key. Use https.`,
  queueOwned: (dir: string) =>
    `${dir} is in use by another agent. Stop that one, or give this one its own queue_dir.`,
  noSockets:
    'This machine gives out no sockets (EMFILE, ENOBUFS or EADDRNOTAVAIL for a minute). Raise the limit of open files (ulimit -n) and try again.',

  // Ranges
  rangeBad: (text: string) =>
    `"${text}" is not an IPv4 range. Write 192.168.1.0/24, 192.168.1.7 or 192.168.1.10-192.168.1.60, without leading zeros.`,
  rangeIpv6: (text: string) =>
    `"${text}" is IPv6. Miners are scanned over IPv4 only: an IPv6 network is too large to scan.`,
  rangeSpecial: (text: string, name: string) => `"${text}" touches ${name}: no miner can be there.`,
  rangeLoopback: (text: string) =>
    `"${text}" is this machine itself. For a simulator: --allow loopback.`,
  rangePublic: (text: string) =>
    `"${text}" holds public addresses. Scanning networks of others is refused; if these are yours: --allow public.`,
  rangeLarge: (text: string, size: number, most: number) =>
    `"${text}" has ${size} addresses, more than ${most}. Split it up, or: --allow large.`,
  rangesLarge: (size: number, most: number) =>
    `The ranges have ${size} addresses together, more than ${most}. Use several agents, or: --allow large.`,

  // Commands
  about: 'Finds the ASIC miners of a site, reads them, and sends the readings to Hashyard.',
  aboutRun: 'scan and poll until stopped, keep every sample until the server has it',
  aboutScan: 'scan the ranges once and show what is there',
  aboutProbe: 'show everything one miner says, and how it was asked',
  aboutCheck: 'check configuration, key, server, network and disk',
  aboutQueue: 'show what is held for the server',
  optionConfig: 'config file (default: config.json beside the program or here)',
  optionServer: 'server, e.g. https://hashyard.example',
  optionNetwork: 'ranges, comma-separated: 192.168.1.0/24,10.0.0.5-10.0.0.60',
  optionExclude: 'ranges to leave out, comma-separated',
  optionAllow: 'lift a limit: loopback, public, large (comma-separated)',
  optionQueueDir: 'folder of the queue',
  optionLogLevel: 'fatal, error, warn, info, debug, trace or silent',
  optionJson: 'print JSON on stdout',
  optionUnknownTo: 'write what was not understood into this file, made anonymous, to send to us',
  examples: 'Examples:',
  usage: 'Usage:',
  options: 'Options:',
  commands: 'Commands:',
  arguments: 'Arguments:',
  help: 'show this help',
  version: 'show the version',
  argumentIp: 'address of the miner',
  sizeUnits: ['B', 'kB', 'MB', 'GB', 'TB'],
  warning: (text: string) => `Warning: ${text}`,
  stopped: 'Stopped.',

  // scan and probe
  scanning: (probed: number, open: number, identified: number) =>
    `${probed} ports asked, ${open} hosts with an open port, ${identified} miners`,
  scanSummary: (n: {
    addresses: number;
    identified: number;
    unknown: number;
    silent: number;
    refused: number;
    excluded: number;
    seconds: string;
  }) =>
    `${n.addresses} addresses in ${n.seconds} s: ${n.identified} miners, ${n.unknown} answered but not understood, ${n.refused} refused, ${n.silent} silent; ${n.excluded} excluded`,
  notUnderstood: 'Answered, but not understood:',
  unknownHint:
    'scan --unknown-to <file> writes what they say into a file, made anonymous, that you can send to us',
  unknownWritten: (devices: number, file: string) =>
    `What ${devices} devices said is in ${file}: names, addresses, serials and passwords are replaced. Read it through before you send it.`,
  columnAddress: 'ADDRESS',
  columnMake: 'MAKE',
  columnModel: 'MODEL',
  columnFirmware: 'FIRMWARE',
  columnMac: 'MAC',
  columnFamily: 'READ AS',
  probeSilent: (host: string) =>
    `${host} does not answer on any port of a miner. Is it on, and is this machine in its network?`,
  probeUnknown: (host: string, ports: string) =>
    `${host} answers on ${ports}, but is no miner this agent knows.`,
  probeFailed: (host: string, reason: string, detail: string) =>
    `${host} was recognised but gave no reading (${reason}): ${detail}`,
  probeFamily: 'Recognised as',
  columnField: 'FIELD',
  columnValue: 'VALUE',
  columnUnit: 'UNIT',
  columnFrom: 'FROM',
  asked: 'Asked:',
  notReported: 'Not reported',

  // check
  checkConfig: (file: string) => `configuration: ${file}`,
  checkNoFile: 'environment and defaults, no config.json',
  checkKey: 'API key is set',
  checkKeyRemedy: 'set AGENT_API_KEY or "api_key" in config.json',
  checkMode: 'config file is readable by its owner only',
  checkModeRemedy: (file: string) => `chmod 600 ${file}`,
  checkServer: (url: string, name: string) => `server ${url} knows this agent as "${name}"`,
  checkServerDown: (url: string, why: string) => `server ${url} cannot be reached: ${why}`,
  checkServerDownRemedy:
    'check server_url, DNS, firewall and that the server runs; samples are kept meanwhile',
  checkServerOdd: (url: string, status: number) => `server ${url} answers ${status}`,
  checkServerOddRemedy: 'check server_url: is it Hashyard, without a path behind it?',
  checkKeyRefused: 'the server refuses the API key',
  checkKeyRefusedRemedy: 'make a new key for this agent on the server and put it into api_key',
  checkClock: (seconds: number) => `clock differs from the server's by ${seconds} s`,
  checkClockRemedy: 'set up NTP: timedatectl set-ntp true',
  checkRange: (range: string, count: number, way: string) => `range ${range} (${count}) ${way}`,
  checkDirect: (name: string) => `is on ${name}`,
  checkGateway: (name: string, gateway: string) => `goes through ${gateway} on ${name}`,
  checkNoRoute: 'has no route',
  checkNoRouteRemedy: "connect this machine to the miners' network or add a route",
  checkNoMiner: 'no miner is known yet: run `hashyard-agent scan` to see what is there',
  checkMiner: (host: string, name: string, rate: string, ms: number, known: number) =>
    `miner ${host} (${name}) was read in ${ms} ms: ${rate}; ${known} miners are known`,
  checkMinerSilent: (host: string, name: string, why: string) =>
    `miner ${host} (${name}) gave no reading: ${why}`,
  checkMinerRemedy: (host: string) =>
    `is it on? hashyard-agent probe ${host} shows what was asked and what came back`,
  checkQueueMode: 'queue folder is open to its owner only',
  checkQueue: (dir: string) => `queue folder ${dir} can be written`,
  checkQueueBad: (dir: string, why: string) => `queue folder ${dir} cannot be written: ${why}`,
  checkQueueRemedy: 'mend its owner and mode, or choose another queue_dir',
  checkDisk: (free: string) => `${free} of disk free for the queue`,
  checkDiskRemedy: 'free some space: below this the oldest samples are given up first',

  // queue
  queueEmpty: 'Nothing is held: the server has everything.',
  queueNone: (dir: string) => `No queue in ${dir} yet.`,
  queueHeld: (batches: number, size: string) => `${batches} batches held, ${size}`,
  queueSpan: (from: string, to: string) => `from ${from} to ${to}`,
  queueMemory: (batches: number) =>
    `The disk refuses: ${batches} of them are in memory only. Free disk space or mend the folder.`,
  queueNotRunning: 'No agent runs on this folder.',
  queueLane: (lane: string, failures: number, next: string) =>
    `${lane}: ${failures} attempts failed in a row, next at ${next}`,
  queueLastError: (at: string, text: string) => `Last error, ${at}: ${text}`,
  queueClock: (seconds: number) =>
    `This machine's clock is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} the server's; times are corrected.`,
  queueAside: {
    dead: (files: number) => `dead/, refused by the server: ${files}`,
    damaged: (files: number) => `damaged/, cannot be read: ${files}`,
    odd: (files: number) => `odd/, not of the queue: ${files}`,
  },
  queueMore: (files: number) => `and ${files} more`,
  queueGaps: 'Given up and not yet reported to the server:',
  queueGap: (reason: string, batches: number, samples: number) =>
    `${reason}: ${batches} batches, ${samples} samples`,
  gapReasons: {
    age: 'too old',
    bytes: 'queue full',
    disk: 'disk full',
    damaged: 'damaged',
    refused: 'refused by the server',
    memory: 'no room in memory',
  } as Record<string, string>,
  optionExport: 'print the JSON of one batch: from the queue, dead/ or damaged/',
  exportNumber: (text: string) => `"${text}" is not the number of a batch. Expected: 42`,
  exportNone: (number: string, dir: string) =>
    `No batch ${number} in ${dir}, dead/ or damaged/: the server has it, or it was given up.`,
  exportUnreadable: (file: string, why: string) => `${file} cannot be read: ${why}`,
  exportPart: (file: string, why: string) =>
    `${file} is damaged; this is what could be read of it (${why})`,
};

export type Messages = typeof en;

export const ru: { [Key in keyof Messages]: Messages[Key] } = {
  nodeTooOld: (needed, found) =>
    `hashyard-agent требует Node ${needed} или новее, а это Node ${found}. Установите новую версию с https://nodejs.org.`,
  unknownKey: (file, key, near) =>
    `${file}: неизвестный параметр «${key}»${near === null ? '' : `; возможно, «${near}»?`}`,
  unknownVariable: (name, near) => `${name} — не параметр; возможно, ${near}?`,
  badSetting: (setting, origin, expected) =>
    `Недопустимое значение ${setting} (${origin}). Ожидается: ${expected}`,
  noApiKey:
    'Нет ключа API. Укажите в AGENT_API_KEY или в параметре «api_key» файла config.json ключ, показанный при добавлении агента на сервере.',
  noConfigFile: (file) => `Файла ${file} нет`,
  configUnreadable: (file, why) => `Не удаётся прочитать ${file}: ${why}`,
  configNotJson: (file, why) => `${file} — не объект JSON: ${why}`,
  secretsOpen: (file) =>
    `В ${file} хранятся секреты, и его могут читать другие пользователи. Выполните: chmod 600 ${file}`,
  plainHttp: (origin) =>
    `Соединение с ${origin} не шифруется: ключ API может прочитать любой на пути. Используйте https.`,
  queueOwned: (dir) =>
    `Папкой ${dir} пользуется другой агент. Остановите его или задайте этому свой queue_dir.`,
  noSockets:
    'Система не выдаёт сокеты (EMFILE, ENOBUFS или EADDRNOTAVAIL в течение минуты). Увеличьте лимит открытых файлов (ulimit -n) и повторите.',

  rangeBad: (text) =>
    `«${text}» — не диапазон IPv4. Пишите 192.168.1.0/24, 192.168.1.7 или 192.168.1.10-192.168.1.60, без ведущих нулей.`,
  rangeIpv6: (text) =>
    `«${text}» — это IPv6. Майнеры ищутся только по IPv4: сеть IPv6 слишком велика для сканирования.`,
  rangeSpecial: (text, name) => `«${text}» задевает ${name}: майнеров там быть не может.`,
  rangeLoopback: (text) => `«${text}» — сама эта машина. Для симулятора: --allow loopback.`,
  rangePublic: (text) =>
    `В «${text}» есть публичные адреса. Чужие сети не сканируются; если они ваши: --allow public.`,
  rangeLarge: (text, size, most) =>
    `В «${text}» адресов: ${size}, больше ${most}. Разделите диапазон или укажите --allow large.`,
  rangesLarge: (size, most) =>
    `Во всех диапазонах адресов: ${size}, больше ${most}. Поставьте несколько агентов или укажите --allow large.`,

  about: 'Находит ASIC-майнеры площадки, опрашивает их и передаёт показания в Hashyard.',
  aboutRun: 'сканировать и опрашивать, хранить каждое показание, пока его не примет сервер',
  aboutScan: 'один раз просканировать диапазоны и показать найденное',
  aboutProbe: 'показать всё, что сообщает один майнер, и как он был опрошен',
  aboutCheck: 'проверить настройки, ключ, сервер, сеть и диск',
  aboutQueue: 'показать, что ждёт отправки на сервер',
  optionConfig: 'файл настроек (по умолчанию config.json рядом с программой или здесь)',
  optionServer: 'сервер, например https://hashyard.example',
  optionNetwork: 'диапазоны через запятую: 192.168.1.0/24,10.0.0.5-10.0.0.60',
  optionExclude: 'исключаемые диапазоны через запятую',
  optionAllow: 'снять ограничение: loopback, public, large (через запятую)',
  optionQueueDir: 'папка очереди',
  optionLogLevel: 'fatal, error, warn, info, debug, trace или silent',
  optionJson: 'вывести JSON в stdout',
  optionUnknownTo:
    'записать ответы нераспознанных устройств в этот файл, обезличив их, чтобы отправить нам',
  examples: 'Примеры:',
  usage: 'Использование:',
  options: 'Параметры:',
  commands: 'Команды:',
  arguments: 'Аргументы:',
  help: 'показать эту справку',
  version: 'показать версию',
  argumentIp: 'адрес майнера',
  sizeUnits: ['Б', 'кБ', 'МБ', 'ГБ', 'ТБ'],
  warning: (text) => `Внимание: ${text}`,
  stopped: 'Остановлено.',

  scanning: (probed, open, identified) =>
    `опрошено портов: ${probed}, узлов с открытым портом: ${open}, майнеров: ${identified}`,
  scanSummary: (n) =>
    `Адресов: ${n.addresses}, за ${n.seconds} с. Майнеров: ${n.identified}, ответили, но не распознаны: ${n.unknown}, отказали: ${n.refused}, молчат: ${n.silent}, исключено: ${n.excluded}`,
  notUnderstood: 'Ответили, но не распознаны:',
  unknownHint:
    'scan --unknown-to <файл> запишет их ответы в обезличенный файл, который можно отправить нам',
  unknownWritten: (devices, file) =>
    `Ответы нераспознанных устройств (${devices}) записаны в ${file}: имена, адреса, серийные номера и пароли заменены. Просмотрите файл перед отправкой.`,
  columnAddress: 'АДРЕС',
  columnMake: 'ПРОИЗВОДИТЕЛЬ',
  columnModel: 'МОДЕЛЬ',
  columnFirmware: 'ПРОШИВКА',
  columnMac: 'MAC',
  columnFamily: 'ЧИТАЕТСЯ КАК',
  probeSilent: (host) =>
    `${host} не отвечает ни на одном порту майнеров. Включён ли он и в его ли сети эта машина?`,
  probeUnknown: (host, ports) =>
    `${host} отвечает на портах ${ports}, но это не известный агенту майнер.`,
  probeFailed: (host, reason, detail) =>
    `${host} распознан, но показаний не дал (${reason}): ${detail}`,
  probeFamily: 'Распознан как',
  columnField: 'ПОЛЕ',
  columnValue: 'ЗНАЧЕНИЕ',
  columnUnit: 'ЕД.',
  columnFrom: 'ОТКУДА',
  asked: 'Запросы:',
  notReported: 'Не сообщает',

  checkConfig: (file) => `настройки: ${file}`,
  checkNoFile: 'окружение и значения по умолчанию, config.json нет',
  checkKey: 'ключ API задан',
  checkKeyRemedy: 'задайте AGENT_API_KEY или «api_key» в config.json',
  checkMode: 'файл настроек читает только владелец',
  checkModeRemedy: (file) => `chmod 600 ${file}`,
  checkServer: (url, name) => `сервер ${url} знает этот агент как «${name}»`,
  checkServerDown: (url, why) => `сервер ${url} недоступен: ${why}`,
  checkServerDownRemedy:
    'проверьте server_url, DNS, межсетевой экран и работает ли сервер; показания пока хранятся здесь',
  checkServerOdd: (url, status) => `сервер ${url} отвечает ${status}`,
  checkServerOddRemedy: 'проверьте server_url: это Hashyard, и без пути в конце?',
  checkKeyRefused: 'сервер не принимает ключ API',
  checkKeyRefusedRemedy: 'создайте на сервере новый ключ этого агента и впишите его в api_key',
  checkClock: (seconds) => `часы расходятся с сервером на ${seconds} с`,
  checkClockRemedy: 'включите NTP: timedatectl set-ntp true',
  checkRange: (range, count, way) => `диапазон ${range} (${count}) ${way}`,
  checkDirect: (name) => `подключён к ${name}`,
  checkGateway: (name, gateway) => `доступен через ${gateway} на ${name}`,
  checkNoRoute: 'без маршрута',
  checkNoRouteRemedy: 'подключите машину к сети майнеров или добавьте маршрут',
  checkNoMiner:
    'майнеров пока не известно: посмотрите, что есть в сети, командой `hashyard-agent scan`',
  checkMiner: (host, name, rate, ms, known) =>
    `майнер ${host} (${name}) прочитан за ${ms} мс: ${rate}; всего известно майнеров: ${known}`,
  checkMinerSilent: (host, name, why) => `майнер ${host} (${name}) не дал показаний: ${why}`,
  checkMinerRemedy: (host) =>
    `включён ли он? hashyard-agent probe ${host} покажет, что было спрошено и что получено`,
  checkQueueMode: 'папка очереди доступна только владельцу',
  checkQueue: (dir) => `папка очереди ${dir} доступна для записи`,
  checkQueueBad: (dir, why) => `в папку очереди ${dir} нельзя писать: ${why}`,
  checkQueueRemedy: 'исправьте владельца и права или выберите другой queue_dir',
  checkDisk: (free) => `на диске свободно для очереди: ${free}`,
  checkDiskRemedy: 'освободите место: иначе первыми пропадут самые старые показания',

  queueEmpty: 'Ничего не ждёт отправки: всё на сервере.',
  queueNone: (dir) => `В ${dir} очереди ещё нет.`,
  queueHeld: (batches, size) => `ждут отправки пакетов: ${batches}, ${size}`,
  queueSpan: (from, to) => `с ${from} по ${to}`,
  queueMemory: (batches) =>
    `Диск не принимает запись, только в памяти: ${batches}. Освободите место или исправьте папку.`,
  queueNotRunning: 'С этой папкой сейчас не работает ни один агент.',
  queueLane: (lane, failures, next) =>
    `${lane}: неудачных попыток подряд: ${failures}, следующая в ${next}`,
  queueLastError: (at, text) => `Последняя ошибка, ${at}: ${text}`,
  queueClock: (seconds) =>
    `Часы этой машины ${seconds > 0 ? 'спешат относительно сервера' : 'отстают от сервера'} на ${Math.abs(seconds)} с; время показаний исправляется.`,
  queueAside: {
    dead: (files) => `dead/, отклонено сервером: ${files}`,
    damaged: (files) => `damaged/, не читается: ${files}`,
    odd: (files) => `odd/, посторонние файлы: ${files}`,
  },
  queueMore: (files) => `и ещё ${files}`,
  queueGaps: 'Потеряно, но серверу ещё не сообщено:',
  queueGap: (reason, batches, samples) => `${reason}: пакетов ${batches}, показаний ${samples}`,
  gapReasons: {
    age: 'слишком старые',
    bytes: 'очередь полна',
    disk: 'диск полон',
    damaged: 'повреждены',
    refused: 'отклонены сервером',
    memory: 'не поместились в память',
  },
  optionExport: 'вывести JSON одного пакета: из очереди, dead/ или damaged/',
  exportNumber: (text) => `«${text}» — не номер пакета. Ожидается: 42`,
  exportNone: (number, dir) =>
    `Пакета ${number} нет ни в ${dir}, ни в dead/ и damaged/: он уже на сервере или удалён.`,
  exportUnreadable: (file, why) => `Не удаётся прочитать ${file}: ${why}`,
  exportPart: (file, why) => `${file} повреждён; выведено то, что удалось прочитать (${why})`,
};

export const messagesIn = (language: Language): Messages => (language === 'ru' ? ru : en);
