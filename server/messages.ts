import type { Language } from '#contract/language.ts';

const en = {
  program: 'Hashyard server: receives what the agents at the sites send, and shows it',
  serve: 'run the server (configured by the environment; see docs/operating.md)',
  migrate: 'bring the database to the schema of this version; "serve" does it by itself',
  migrateStatus: 'only show which migrations have run and which have not',
  migrateDryRun: 'only show what would run',
  admin: 'people who may log in',
  adminCreate: 'add a user; the password is asked for, or read from a file or standard input',
  username: 'name to log in with',
  role: 'what the user may do',
  passwordFile: 'file with the password in its first line ("-": standard input)',
  token: 'API tokens for scripts',
  tokenCreate: 'make an API token that speaks for a user; it is printed once',
  tokenName: 'what the token is for',
  tokenDays: 'days until it expires (default: never)',
  check: 'test the configuration, Postgres, InfluxDB and the port, and say what to do',
  examples: 'Examples:',
  usage: 'Usage:',
  options: 'Options:',
  commands: 'Commands:',
  arguments: 'Arguments:',
  help: 'show this help',
  version: 'show the version',

  configWrong: (problems: string) =>
    `The configuration is not complete:\n${problems}\nAll variables are in .env.example and docs/operating.md.`,
  postgresPassword:
    'Postgres refuses the user or the password in DATABASE_URL. Correct it (special characters in the password as %XX).',
  postgresNoDatabase: (name: string) =>
    `Postgres has no database "${name}". Create it: createdb ${name}, or correct DATABASE_URL.`,
  postgresAway: (where: string, reason: string) =>
    `Postgres at ${where} does not answer (${reason}). Start it, or correct DATABASE_URL.`,
  postgresOther: (reason: string) => `Postgres: ${reason}`,
  influxAway: (where: string, reason: string) =>
    `InfluxDB at ${where} does not answer (${reason}). Start it, or correct INFLUX_URL.`,
  influxWrong: (reason: string) =>
    `InfluxDB refuses: ${reason}. Correct INFLUX_USER and INFLUX_PASSWORD (2.x and 3.x: an API token), or create the databases as docs/operating.md shows.`,
  portTaken: (where: string) =>
    `${where} is in use by another program. Stop it, or set PORT to a free one.`,
  portForbidden: (where: string) =>
    `This user may not listen on ${where}. Set PORT to 1024 or more.`,
  addressUnknown: (where: string) =>
    `${where} is not an address of this machine. Set HOST to one, or to 0.0.0.0 for all.`,

  migrationsApplied: (names: string) => `Applied: ${names}`,
  migrationsCurrent: 'The database is up to date.',
  migrationsWould: (names: string) => `Would apply: ${names}`,
  migrationDone: (name: string, at: string) => `applied  ${name}  ${at}`,
  migrationPending: (name: string) => `pending  ${name}`,
  historyNewer: (database: string, program: string) =>
    `The database is at migration ${database}, this program knows ${program} at most. Run the newer version of Hashyard that migrated it, or restore a backup made before that.`,
  historyEdited: (file: string, ranAs: string, ranAt: string) =>
    `migrations/${file} differs from what this database ran as ${ranAs} on ${ranAt}. Restore the file as it was and put the change into a new migration.`,

  password: 'Password: ',
  passwordAgain: 'Again: ',
  passwordsDiffer: 'The two passwords differ; nothing was changed.',
  passwordLength: (min: number, max: number) =>
    `The password must have ${min} to ${max} characters.`,
  passwordIsName: 'The password must not be the user name.',
  passwordFileUnreadable: (path: string) => `Cannot read the password file ${path}.`,
  userTaken: (name: string) => `There is a user "${name}" already. Choose another name.`,
  userMissing: (name: string) =>
    `There is no user "${name}". Create it: hashyard admin create ${name}`,
  userCreated: (name: string, role: string) => `User "${name}" created (${role}).`,
  tokenOnce: 'This is the only time the token is shown:',
  setupToken: (url: string, token: string) =>
    `There is no user yet. Make the first administrator at ${url} within an hour (or by "hashyard admin create"). One-time token: ${token}`,

  checkOk: 'ok',
  checkFail: 'FAIL',
  checkConfig: 'configuration',
  checkPostgres: 'Postgres',
  checkMigrations: 'migrations',
  checkInflux: 'InfluxDB',
  checkRights: (database: string) => `InfluxDB: write and read ${database}`,
  checkPort: 'port',
  pendingMigrations: (names: string) => `not applied: ${names}. Run: hashyard migrate`,
  portOurs: (where: string) => `${where}: a Hashyard server is running there`,
  notReadBack: 'what was written could not be read back',
};

/** Every sentence of the command line; a translation that lacks one does not compile. */
export type Messages = Readonly<typeof en>;

const ru: Messages = {
  program: 'Сервер Hashyard: принимает данные агентов с площадок и показывает их',
  serve: 'запустить сервер (настройка через переменные окружения, см. docs/operating.md)',
  migrate: 'привести базу к схеме этой версии; «serve» делает это сам',
  migrateStatus: 'только показать, какие миграции выполнены, а какие нет',
  migrateDryRun: 'только показать, что было бы выполнено',
  admin: 'пользователи, которые могут войти',
  adminCreate:
    'добавить пользователя; пароль спрашивается либо читается из файла или стандартного ввода',
  username: 'имя для входа',
  role: 'что разрешено пользователю',
  passwordFile: 'файл с паролем в первой строке («-»: стандартный ввод)',
  token: 'токены API для скриптов',
  tokenCreate: 'создать токен API от имени пользователя; он показывается один раз',
  tokenName: 'для чего нужен токен',
  tokenDays: 'через сколько дней он истекает (по умолчанию никогда)',
  check: 'проверить настройку, Postgres, InfluxDB и порт и сказать, что делать',
  examples: 'Примеры:',
  usage: 'Использование:',
  options: 'Параметры:',
  commands: 'Команды:',
  arguments: 'Аргументы:',
  help: 'показать эту справку',
  version: 'показать версию',

  configWrong: (problems) =>
    `Настройка неполна:\n${problems}\nВсе переменные описаны в .env.example и docs/ru/.`,
  postgresPassword:
    'Postgres не принимает имя или пароль из DATABASE_URL. Исправьте его (особые знаки в пароле пишутся как %XX).',
  postgresNoDatabase: (name) =>
    `В Postgres нет базы «${name}». Создайте её: createdb ${name}, либо исправьте DATABASE_URL.`,
  postgresAway: (where, reason) =>
    `Postgres по адресу ${where} не отвечает (${reason}). Запустите его либо исправьте DATABASE_URL.`,
  postgresOther: (reason) => `Postgres: ${reason}`,
  influxAway: (where, reason) =>
    `InfluxDB по адресу ${where} не отвечает (${reason}). Запустите её либо исправьте INFLUX_URL.`,
  influxWrong: (reason) =>
    `InfluxDB отказывает: ${reason}. Исправьте INFLUX_USER и INFLUX_PASSWORD (2.x и 3.x: токен API) либо создайте базы, как описано в docs/ru/.`,
  portTaken: (where) =>
    `${where} занят другой программой. Остановите её либо задайте в PORT свободный порт.`,
  portForbidden: (where) =>
    `Этому пользователю нельзя слушать ${where}. Задайте PORT не меньше 1024.`,
  addressUnknown: (where) =>
    `${where} не является адресом этой машины. Задайте в HOST её адрес или 0.0.0.0 для всех.`,

  migrationsApplied: (names) => `Выполнено: ${names}`,
  migrationsCurrent: 'База в актуальном состоянии.',
  migrationsWould: (names) => `Будет выполнено: ${names}`,
  migrationDone: (name, at) => `выполнена  ${name}  ${at}`,
  migrationPending: (name) => `ожидает    ${name}`,
  historyNewer: (database, program) =>
    `В базе выполнена миграция ${database}, а эта программа знает только до ${program}. Запустите более новую версию Hashyard, которая её выполнила, либо восстановите копию базы, сделанную раньше.`,
  historyEdited: (file, ranAs, ranAt) =>
    `migrations/${file} отличается от выполненной в этой базе ${ranAs} (${ranAt}). Верните файл в прежний вид и поместите изменение в новую миграцию.`,

  password: 'Пароль: ',
  passwordAgain: 'Ещё раз: ',
  passwordsDiffer: 'Пароли не совпадают; ничего не изменено.',
  passwordLength: (min, max) => `В пароле должно быть от ${min} до ${max} знаков.`,
  passwordIsName: 'Пароль не должен совпадать с именем пользователя.',
  passwordFileUnreadable: (path) => `Не удаётся прочитать файл с паролем ${path}.`,
  userTaken: (name) => `Пользователь «${name}» уже есть. Выберите другое имя.`,
  userMissing: (name) => `Пользователя «${name}» нет. Создайте его: hashyard admin create ${name}`,
  userCreated: (name, role) => `Пользователь «${name}» создан (${role}).`,
  tokenOnce: 'Токен показывается только сейчас:',
  setupToken: (url, token) =>
    `Пользователей пока нет. Создайте первого администратора на странице ${url} в течение часа (или командой «hashyard admin create»). Одноразовый токен: ${token}`,

  checkOk: 'ок',
  checkFail: 'СБОЙ',
  checkConfig: 'настройка',
  checkPostgres: 'Postgres',
  checkMigrations: 'миграции',
  checkInflux: 'InfluxDB',
  checkRights: (database) => `InfluxDB: запись и чтение ${database}`,
  checkPort: 'порт',
  pendingMigrations: (names) => `не выполнены: ${names}. Выполните: hashyard migrate`,
  portOurs: (where) => `${where}: там уже работает сервер Hashyard`,
  notReadBack: 'записанное не удалось прочитать',
};

/** What the command line says, in the language of whoever reads it. */
export function messagesIn(language: Language): Messages {
  return language === 'ru' ? ru : en;
}
