"""Numbered migrations of the state database. A released one is never edited."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("syncd")


@migrations(name="0001_first")
def first(db: Database) -> None:
    for statement in _FIRST.split(";"):
        if statement.strip():
            db.conn.execute(statement)


@migrations(name="0002_recovery")
def recovery(db: Database) -> None:
    for statement in _RECOVERY.split(";"):
        if statement.strip():
            db.conn.execute(statement)


@migrations(name="0003_service")
def service(db: Database) -> None:
    for statement in _SERVICE.split(";"):
        if statement.strip():
            db.conn.execute(statement)


@migrations(name="0004_card")
def card(db: Database) -> None:
    db.conn.execute("""alter table clients add column card text not null default '["", "", "", "", ""]'""")


@migrations(name="0005_together")
def together(db: Database) -> None:
    for statement in _TOGETHER.split(";"):
        if statement.strip():
            db.conn.execute(statement)


@migrations(name="0006_look")
def look(db: Database) -> None:
    db.conn.execute("alter table clients add column look blob not null default x''")


@migrations(name="0007_pauses")
def pauses(db: Database) -> None:
    db.conn.execute(_PAUSES)


@migrations(name="0008_errands")
def errands(db: Database) -> None:
    db.conn.execute("alter table requests add column kind text not null default 'pass'")
    db.conn.execute("alter table requests add column wish text not null default '{}'")


@migrations(name="0009_former")
def former(db: Database) -> None:
    for statement in _FORMER.split(";"):
        if statement.strip():
            db.conn.execute(statement)


@migrations(name="0010_declined")
def declined(db: Database) -> None:
    db.conn.execute("alter table waiting add column declined_by text not null default ''")
    db.conn.execute("alter table waiting add column declined_at real not null default 0")


@migrations(name="0011_told_detail")
def told_detail(db: Database) -> None:
    db.conn.execute("alter table told add column detail text not null default ''")


@migrations(name="0012_arrivals")
def arrivals(db: Database) -> None:
    for statement in _ARRIVALS.split(";"):
        if statement.strip():
            db.conn.execute(statement)


# `arrivals`: documents that a job brought into the mirror. `attempts`: files that it could not take yet.
_ARRIVALS = """
create table arrivals (
  client text not null, sha256 blob not null, size integer not null, origin text not null, source text not null,
  path text not null, at real not null, done real not null default 0, primary key (client, sha256, size)
) without rowid;
create table attempts (
  place text primary key, size integer not null, mtime_ns integer not null, ctime_ns integer not null, inode integer not null,
  tries integer not null, reason text not null, since real not null
) without rowid
"""

# `former`: contents that a client had and has no more. `doubted`: of what was asked as another client's, until somebody
# agreed.
_FORMER = """
create table former (sha256 blob not null, client text not null, at real not null, primary key (sha256, client)) without rowid;
create table doubted (client text not null, sha256 blob not null, at real not null, primary key (client, sha256)) without rowid;
create index set_asides_by_content on set_asides (sha256);
insert or ignore into former
  select sha256, client, strftime('%s', 'now') from remote_documents where state = 'deleted' and size > 0
"""

_PAUSES = """
create table pauses (
  client text not null, doc text not null, what text not null, tries integer not null, until real not null,
  reason text not null, detail text not null, primary key (client, doc)
) without rowid
"""

# A client's rows lie together: they are read, and written, by the client. By their random ids alone each was a page.
_TOGETHER = """
create table base_together (
  client text not null, id text not null, path text not null, disk text not null, size integer not null,
  sha256 blob not null, version integer not null, mtime_ns integer not null, ctime_ns integer not null,
  inode integer not null, left_here integer not null, by_company integer not null, earlier blob not null default x'',
  primary key (client, id)
) without rowid;
insert into base_together
  select client, id, path, disk, size, sha256, version, mtime_ns, ctime_ns, inode, left_here, by_company, earlier
  from base_documents;
drop table base_documents;
alter table base_together rename to base_documents;
create index base_by_content on base_documents (sha256);
create index base_kept on base_documents (client, left_here);
create table remote_together (
  client text not null, id text not null, path text not null, size integer not null, sha256 blob not null,
  version integer not null, version_id text not null, state text not null, by_company integer not null,
  earlier blob not null, tombstone text not null, deleted_by text not null, left_there integer not null default 0,
  primary key (client, id)
) without rowid;
insert into remote_together
  select client, id, path, size, sha256, version, version_id, state, by_company, earlier, tombstone, deleted_by, left_there
  from remote_documents;
drop table remote_documents;
alter table remote_together rename to remote_documents
"""

_SERVICE = """
create index base_kept on base_documents (client, left_here);
create table requests (
  id integer primary key autoincrement, asked real not null, clients text not null, max_duration real,
  run integer, answer text
);
create table mails (
  id integer primary key autoincrement, made real not null, recipient text not null, message blob not null,
  attempts integer not null default 0, after real not null default 0, fault text not null default ''
);
create table troubles (
  key text primary key, client text not null, reason text not null, detail text not null, since real not null,
  told real not null, ended real not null
) without rowid
"""

_RECOVERY = """
alter table clients add column generation integer not null default 0;
alter table clients add column recovery text not null default '';
alter table remote_documents add column left_there integer not null default 0;
alter table base_documents add column earlier blob not null default x'';
create table followed (tombstone text primary key, client text not null) without rowid
"""

_FIRST = """
create table meta (key text primary key, value text not null) without rowid;
create table clients (
  id text primary key, code text not null, name text not null, tree integer not null, closed integer not null default 0,
  dir text not null default '', listed integer not null default 0, finished integer not null default 0,
  completed text not null default '[]', rules text, clean integer not null default 0
) without rowid;
create table local_documents (
  client text not null, disk text not null, size integer not null, mtime_ns integer not null, ctime_ns integer not null,
  inode integer not null, sha256 blob not null, hashed_ns integer not null, primary key (client, disk)
) without rowid;
create index local_by_inode on local_documents (inode, size);
create table remote_documents (
  id text primary key, client text not null, path text not null, size integer not null, sha256 blob not null,
  version integer not null, version_id text not null, state text not null, by_company integer not null,
  earlier blob not null, tombstone text not null, deleted_by text not null
) without rowid;
create index remote_by_client on remote_documents (client);
create table remote_folders (id text primary key, client text not null, path text not null) without rowid;
create index folders_by_client on remote_folders (client);
create table base_documents (
  id text primary key, client text not null, path text not null, disk text not null, size integer not null,
  sha256 blob not null, version integer not null, mtime_ns integer not null, ctime_ns integer not null,
  inode integer not null, left_here integer not null, by_company integer not null
) without rowid;
create index base_by_client on base_documents (client, path);
create index base_by_content on base_documents (sha256);
create table base_folders (
  id text primary key, client text not null, path text not null, disk text not null, inode integer not null,
  closed integer not null
) without rowid;
create index base_folders_by_client on base_folders (client);
create table set_asides (
  row integer primary key, client text not null, doc text not null, tombstone text not null, origin text not null,
  moved_to text not null, size integer not null, sha256 blob not null, inode integer not null, size_now integer not null, done integer not null
);
create index set_asides_by_client on set_asides (client);
create table windows (client text primary key, since real not null, counts text not null) without rowid;
create table agreements (
  client text not null, digest text not null, at real not null, by_whom text not null, primary key (client, digest)
) without rowid;
create table waiting (
  client text not null, reason text not null, digest text not null, digests text not null, lines text not null,
  since real not null, primary key (client, reason)
) without rowid;
create table outbox (row integer primary key, kind text not null, body text not null);
create table told (
  client text not null, path text not null, reason text not null, since real not null, primary key (client, path, reason)
) without rowid;
create table runs (
  id integer primary key autoincrement, started real not null, ended real, verdict text not null default 'running',
  exit_code integer, summary text
);
create table events (
  seq integer primary key autoincrement, run integer not null, client text not null, at real not null, line text not null,
  hash text not null
);
create index events_by_run on events (run);
create index events_by_client on events (client, at)
"""
