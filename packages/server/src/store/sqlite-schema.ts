import type { Sqlite } from './sqlite-driver.ts'
import { StoreError } from './store-error.ts'

/** Marks a SQLite file as ours: "thrl". */
const APPLICATION_ID = 0x74_68_72_6c

/** What makes each version of the schema from the one before. Never changed once published, only added to. */
const MIGRATIONS: readonly string[] = [
  `
  -- n is never given twice: rows of a session that is no more can never show in another.
  CREATE TABLE sessions (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    key TEXT,
    title TEXT,
    agent TEXT,
    status TEXT NOT NULL,
    last TEXT,
    birth TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- Where the kept rows begin: the end of the last folded batch, its mark, and the bytes of all rows through it.
    fold_seq INTEGER NOT NULL DEFAULT 0,
    fold_mark TEXT NOT NULL,
    fold_total INTEGER NOT NULL DEFAULT 0
  );
  CREATE UNIQUE INDEX sessions_by_key ON sessions (owner, key) WHERE key IS NOT NULL;
  CREATE INDEX sessions_by_owner ON sessions (owner, updated_at, id);
  CREATE INDEX sessions_by_age ON sessions (updated_at, id);
  CREATE INDEX sessions_unsettled ON sessions (status) WHERE status IN ('running', 'stopping', 'waiting');

  CREATE TABLE tombstones (id TEXT PRIMARY KEY, owner TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX tombstones_by_age ON tombstones (at);

  CREATE TABLE layouts (
    session INTEGER NOT NULL,
    principal TEXT NOT NULL,
    open INTEGER NOT NULL,
    position REAL NOT NULL,
    settings TEXT,
    PRIMARY KEY (session, principal)
  ) WITHOUT ROWID;

  -- Batches of all sessions in the order of their appends, so that appending writes to one place only.
  CREATE TABLE journal (
    row INTEGER PRIMARY KEY,
    session INTEGER NOT NULL,
    first INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    mark TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- Bytes of all the session's frames through this one, so that the bytes of any stretch are one subtraction.
    total INTEGER NOT NULL,
    frame BLOB NOT NULL
  );
  -- Written later, in bulk: the rows after counters.indexed may lack here.
  CREATE TABLE journal_index (
    session INTEGER NOT NULL,
    upto INTEGER NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (session, upto)
  ) WITHOUT ROWID;

  CREATE TABLE snapshots (
    session INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    mark TEXT NOT NULL,
    messages INTEGER NOT NULL,
    json TEXT NOT NULL
  );
  CREATE TABLE messages (session INTEGER NOT NULL, ordinal INTEGER NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL);
  CREATE UNIQUE INDEX messages_by_ordinal ON messages (session, ordinal);
  CREATE INDEX messages_by_id ON messages (session, id);

  CREATE TABLE commands (
    session INTEGER NOT NULL,
    principal TEXT NOT NULL,
    id TEXT NOT NULL,
    digest TEXT NOT NULL,
    result TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (session, principal, id)
  ) WITHOUT ROWID;
  CREATE INDEX commands_by_age ON commands (at);

  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO counters VALUES ('openings', 0), ('indexed', 0), ('pings', 0);
  `,
]

/**
 * Looks whose file this is, without changing it.
 *
 * @throws StoreError `too_new` where a later version wrote it, `failed` where another program did.
 */
export function checkSchema(database: Sqlite, file: string): void {
  const version = database.pragma('user_version', { simple: true }) as number
  const application = database.pragma('application_id', { simple: true })
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  if (!isEmpty && application !== APPLICATION_ID) {
    throw new StoreError('failed', `${file} is a SQLite database of another program. Give the store a file of its own.`)
  }
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      'too_new',
      `${file} has schema version ${version}, and this server knows versions up to ${MIGRATIONS.length}. Update the server, or give it another file.`,
    )
  }
}

/** Brings a file to the newest schema, all steps or none. */
export function migrate(database: Sqlite): void {
  const version = database.pragma('user_version', { simple: true }) as number
  if (version === MIGRATIONS.length) return
  database
    .transaction(() => {
      for (const step of MIGRATIONS.slice(version)) database.exec(step)
      database.pragma(`application_id = ${APPLICATION_ID}`)
      database.pragma(`user_version = ${MIGRATIONS.length}`)
    })
    .immediate()
}
