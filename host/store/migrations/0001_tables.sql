-- Ids are text that we make; times are integer Unix milliseconds, UTC, 0 for
-- none; maps and lists are JSON text; an empty text means none, except in a
-- column that references another table, where NULL does.

create table meta (
	key   text primary key,
	value blob not null
);

create table users (
	id         text primary key check (id <> ''),
	login      text not null unique,
	name       text not null,
	email      text not null,
	role       text not null,
	created_at integer not null
);

-- One row for each installed version. Built-in ones need none.
create table connectors (
	hash         text primary key check (hash <> ''),
	id           text not null check (id <> ''),
	version      text not null,
	stage        text not null,
	is_current   integer not null, -- 1 for the version that new connections take
	built_in     integer not null,
	manifest     text not null,
	source       text not null,
	signer       text not null,
	signer_key   text not null,
	actions      integer not null, -- its named actions may be done
	granted      text not null,
	installed_by text not null,
	installed_at integer not null,
	unique (id, version)
);
create unique index connectors_current on connectors (id) where is_current = 1;

-- Files stay while a connector or an authorization names their hash.
create table files (
	hash  text primary key check (hash <> ''),
	bytes blob not null
);

create table credentials (
	id             text primary key check (id <> ''),
	connector      text not null,
	name           text not null,
	client_id      text not null,
	quick          integer not null,
	client_secret  blob not null, -- sealed
	secret_version integer not null,
	created_by     text not null,
	created_at     integer not null
);
create index credentials_connector on credentials (connector, created_at, id);
create unique index credentials_quick on credentials (connector) where quick = 1;

create table connections (
	id             text primary key check (id <> ''),
	link_name      text not null unique,
	name           text not null unique,
	connector      text not null,
	connector_hash text not null, -- the version that it is pinned to
	access         text not null,
	mode           text not null,
	credential_id  text references credentials (id),
	scope_choice   text not null,
	scopes         text not null,
	params         text not null,
	data_centre    text not null,
	primary_user   text not null, -- empty for nobody
	environments   text not null,
	created_by     text not null,
	created_at     integer not null,
	version        integer not null
);
create index connections_credential on connections (credential_id);
create index connections_connector_hash on connections (connector_hash);

create table authorizations (
	id             text primary key check (id <> ''),
	connector      text not null,
	connector_hash text not null,
	credential_id  text references credentials (id),
	owner          text not null,
	for_all        integer not null, -- given for everyone's calls
	host_params    text not null,
	params         text not null,
	asked          text not null,
	granted        text not null,
	account_key    text not null,
	account_label  text not null,
	label_set      integer not null, -- a person chose the label
	endpoints      text not null,
	chosen         text not null, -- what it is used with
	state          text not null,
	reason         text not null,
	token_expires  integer not null,
	renewable      integer not null,
	outcome_unknown integer not null,
	refreshed_at   integer not null,
	refresh_expires integer not null,
	refresh_slides integer not null,
	due            integer not null, -- 0: never
	lease_owner    text not null,
	lease_until    integer not null,
	lease_intent   integer not null,
	secret_params  blob not null, -- sealed
	access_token   blob not null, -- sealed
	refresh_token  blob not null, -- sealed
	secret_version integer not null,
	version        integer not null,
	created_at     integer not null,
	updated_at     integer not null
);
create index authorizations_connector on authorizations (connector, created_at, id);
create index authorizations_connector_hash on authorizations (connector_hash);
create index authorizations_credential on authorizations (credential_id);
create index authorizations_due on authorizations (due, id)
	where renewable = 1 and state in ('connected', 'expiring') and due > 0;

create index authorizations_ailing on authorizations (id)
	where state in ('needs_reauthorization', 'expiring');
create index authorizations_ending on authorizations (refresh_expires, id)
	where refresh_expires > 0 and refresh_slides = 0 and state = 'connected';

create table bindings (
	id               text primary key check (id <> ''),
	connection_id    text not null references connections (id) on delete cascade,
	environment      text not null,
	user_id          text not null, -- empty for nobody
	authorization_id text not null references authorizations (id),
	disabled         integer not null,
	unique (connection_id, environment, user_id)
);
create index bindings_authorization on bindings (authorization_id, id);

-- What is held back. It stands beside what it stops and changes none of that.
create table stops (
	id     text primary key check (id <> ''),
	level  text not null,
	kind   text not null,
	target text not null,
	reason text not null,
	by_user text not null,
	at     integer not null,
	unique (kind, target, level)
);

create table applications (
	id         text primary key check (id <> ''),
	name       text not null unique,
	created_by text not null, -- empty for the one that exists by itself
	created_at integer not null
);
insert into applications (id, name, created_by, created_at) values ('app_default', 'default', '', 0);

-- One row for each pair, however often the connection is used.
create table application_connections (
	application_id text not null references applications (id) on delete cascade,
	connection_id  text not null references connections (id) on delete cascade,
	denied         integer not null, -- access is switched off
	scripts        text not null,
	first_used     integer not null,
	last_used      integer not null,
	primary key (application_id, connection_id)
);
create index application_connections_connection on application_connections (connection_id);

create table windows (
	id             text primary key check (id <> ''),
	state_hash     text not null unique,
	process_hash   text not null,
	subject        text not null,
	connection_id  text not null references connections (id) on delete cascade,
	environment    text not null,
	connector_hash text not null,
	params         text not null,
	endpoints      text not null,
	redirect_uri   text not null,
	asked          text not null,
	verifier       blob not null, -- sealed
	secret_params  blob not null, -- sealed
	expires        integer not null
);
create index windows_connection on windows (connection_id, subject);
create index windows_expires on windows (expires);

-- What people have to be told: a row is the marker that an event was noticed.
create table notices (
	id        text primary key check (id <> ''),
	kind      text not null,
	object    text not null,
	episode   text not null, -- tells one event from the next of its kind
	at        integer not null,
	content   text not null, -- JSON, nothing secret
	state     text not null, -- shown, pending, sent, given_up
	attempts  integer not null,
	next_try  integer not null,
	unique (kind, object, episode)
);
create index notices_pending on notices (next_try, id) where state = 'pending';
create index notices_told on notices (at, id) where state <> 'pending';

create table audit (
	seq            integer primary key,
	at             integer not null,
	by_user        text not null,
	act            text not null,
	object         text not null,
	detail         text not null,
	secret_version integer not null,
	hash           text not null
);
create index audit_object on audit (object, seq);
-- What a sealed row is checked against when it is opened.
create index audit_secret on audit (object, seq)
	where secret_version > 0 or act = 'authorization.delete';

create trigger audit_append before insert on audit
when new.seq <> (select coalesce(max(seq), 0) + 1 from audit)
begin
	select raise(abort, 'audit records are appended');
end;

create trigger audit_no_update before update on audit
begin
	select raise(abort, 'audit records are not changed');
end;

create trigger audit_no_delete before delete on audit
begin
	select raise(abort, 'audit records are not deleted');
end;
