-- The event store of one service. Run once, as the owner role, by the service's first migration; never edited after release.
-- The service's own role (`:app`) may insert only through append_events() and may never change or remove an event.

create table events (
    position       bigint      primary key check (position > 0),
    stream         text        not null, -- <aggregate>-<id>: append_events() checks it, once a command
    version        integer     not null check (version > 0),
    id             uuid        not null unique,
    name           text        not null,
    schema_version integer     not null check (schema_version > 0),
    payload        json        not null,
    metadata       json        not null,
    recorded_at    timestamptz not null,
    hash           bytea       not null check (octet_length(hash) = 32),
    unique (stream, version)
);

-- The serialization point: position order is commit order because every append holds this row until its commit.
create table head (
    one         boolean primary key default true check (one),
    position    bigint  not null,
    hash        bytea   not null,
    epoch       integer not null,
    epoch_start bigint  not null
);
insert into head values (true, 0, sha256(''::bytea), 1, 0);

create table commands (
    id          uuid        primary key,
    fingerprint bytea       not null,
    stream      text        not null,
    position    bigint      not null,
    version     integer     not null,
    recorded_at timestamptz not null
);

create table timers (
    id           uuid        primary key,
    kind         text        not null,
    due_at       timestamptz not null,
    stream       text        not null,
    rule         json        not null,
    leased_until timestamptz not null default '-infinity',
    attempts     integer     not null default 0
);
create index timers_due on timers (due_at);

create table checkpoints (
    consumer text    not null,
    source   text    not null,
    position bigint  not null check (position >= 0),
    epoch    integer not null,
    primary key (consumer, source)
);

-- Events that a reaction could not handle; later events of the same aggregate wait behind them.
create table parked (
    consumer     text        not null,
    source       text        not null,
    position     bigint      not null,
    aggregate    text        not null,
    envelope     text        not null,
    error        text        not null,
    attempts     integer     not null,
    retry_at     timestamptz not null,
    dead         boolean     not null default false,
    parked_at    timestamptz not null default clock_timestamp(),
    primary key (consumer, source, position)
);
create index parked_by_aggregate on parked (consumer, aggregate, position);

create table business_clock (
    one boolean primary key default true check (one),
    now timestamptz not null
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the events table is append-only' using errcode = 'HL002';
end $$;
create trigger events_no_change before update or delete on events for each row execute function refuse_change();
create trigger events_no_truncate before truncate on events for each statement execute function refuse_change();
alter table events enable always trigger events_no_change;
alter table events enable always trigger events_no_truncate;

-- The bytes that an event's digest covers. The lengths make the joining unambiguous.
create function event_bytes(
    a_position bigint, a_stream text, a_version integer, a_id uuid, a_name text, a_schema_version integer,
    a_payload text, a_metadata text, a_recorded_us bigint) returns bytea
language sql immutable parallel safe as $$
    select convert_to(a_position || E'\n' || a_stream || E'\n' || a_version || E'\n' || a_id || E'\n' || a_name || E'\n'
        || a_schema_version || E'\n' || a_recorded_us || E'\n' || octet_length(a_payload) || E'\n'
        || octet_length(a_metadata) || E'\n' || a_payload || E'\n' || a_metadata, 'UTF8')
$$;

-- The one function that writes. One call is one statement is one transaction: no client ever holds the head row over a round trip.
-- Arrays are parallel: c_* one entry a command, e_* one an event (e_command counts from 1), t_* one a timer. k_* moves a consumer's
-- checkpoint along with the work; p_* are events of that consumer to be parked, u_* parked ones that this call settles.
-- `all_or_nothing`: one command that cannot be stored stops the whole call. Outcomes: appended, repeated (answered as the first
-- time), reused (the id was used with other content), conflict (the stream is at another version), aborted.
create function append_events(
    c_id uuid[], c_fingerprint bytea[], c_stream text[], c_expected integer[],
    e_command integer[], e_id uuid[], e_name text[], e_schema integer[], e_payload text[], e_metadata text[],
    t_command integer[], t_id uuid[], t_kind text[], t_due timestamptz[], t_stream text[], t_rule text[],
    k_consumer text, k_source text, k_epoch integer, k_from bigint, k_to bigint,
    p_position bigint[], p_aggregate text[], p_envelope text[], p_error text[], p_attempts integer[], p_retry_at timestamptz[],
    p_dead boolean[], u_consumer text, u_source text[], u_position bigint[], all_or_nothing boolean)
returns table (command integer, outcome text, last_position bigint, last_version integer)
language plpgsql as $$
#variable_conflict use_column
declare
    at_position bigint;
    at_hash     bytea;
    recorded    timestamptz;
    recorded_us bigint;
    outcomes    text[];
    known_position bigint[];
    known_version  integer[];
    hashes      bytea[] := '{}';
    written     integer := 0;
    bytes       bytea;
begin
    -- Here and not on the table: the pattern cost a third of an event's insert.
    if exists (select from unnest(c_stream) as s(stream) where s.stream !~ '^[a-z_]+-[A-Za-z0-9_-]{1,64}$') then
        raise exception 'a stream is <aggregate>-<id>' using errcode = 'check_violation';
    end if;

    select h.position, h.hash into at_position, at_hash from head h for update;
    recorded := clock_timestamp();
    recorded_us := (extract(epoch from recorded) * 1000000)::bigint;

    -- Which commands were stored before, and which expect another version than their stream has (after earlier commands of this call).
    select array_agg(case
               when known.id is not null and known.fingerprint = wanted.fingerprint then 'repeated'
               when known.id is not null then 'reused'
               when wanted.expected <> coalesce(now_at.version, 0) + wanted.before then 'conflict'
               else 'appended' end order by wanted.i),
           array_agg(known.position order by wanted.i),
           array_agg(coalesce(known.version, now_at.version, 0) order by wanted.i)
      into outcomes, known_position, known_version
      from (select c.i, c.id, c.fingerprint, c.stream, c.expected,
                   coalesce(sum(size.events) over (partition by c.stream order by c.i
                            rows between unbounded preceding and 1 preceding), 0) as before
              from unnest(c_id, c_fingerprint, c_stream, c_expected) with ordinality as c(id, fingerprint, stream, expected, i)
              left join (select e.i, count(*) as events from unnest(e_command) as e(i) group by e.i) size on size.i = c.i) wanted
      left join commands known on known.id = wanted.id
      left join lateral (select e.version from events e where e.stream = wanted.stream order by e.version desc limit 1) now_at on true;

    if all_or_nothing and ('conflict' = any (outcomes) or 'reused' = any (outcomes)) then
        return query select u.i::integer, case when u.o in ('conflict', 'reused') then u.o else 'aborted' end, null::bigint, u.v
                       from unnest(outcomes, known_version) with ordinality as u(o, v, i);
        return;
    end if;

    if k_consumer is not null then
        update checkpoints c set position = k_to
         where c.consumer = k_consumer and c.source = k_source and c.position = k_from and c.epoch = k_epoch;
        if not found then
            raise exception 'checkpoint of % in % is not % in epoch %', k_consumer, k_source, k_from, k_epoch using errcode = 'HL001';
        end if;
        insert into parked (consumer, source, position, aggregate, envelope, error, attempts, retry_at, dead)
        select k_consumer, k_source, x.position, x.aggregate, x.envelope, x.error, x.attempts, x.retry_at, x.dead
          from unnest(p_position, p_aggregate, p_envelope, p_error, p_attempts, p_retry_at, p_dead)
               as x(position, aggregate, envelope, error, attempts, retry_at, dead);
    end if;
    if u_consumer is not null then
        delete from parked p using unnest(u_source, u_position) as u(source, position)
         where p.consumer = u_consumer and p.source = u.source and p.position = u.position;
    end if;

    for bytes in
        select event_bytes(at_position + row_number() over (order by e.i), c.stream,
                           (c.expected + row_number() over (partition by e.c order by e.i))::integer,
                           e.id, e.name, e.schema, e.payload, e.metadata, recorded_us)
          from unnest(e_command, e_id, e_name, e_schema, e_payload, e_metadata) with ordinality
               as e(c, id, name, schema, payload, metadata, i)
          join unnest(c_stream, c_expected, outcomes) with ordinality as c(stream, expected, outcome, i) on c.i = e.c
         where c.outcome = 'appended' order by e.i
    loop
        at_hash := sha256(at_hash || sha256(bytes));
        written := written + 1;
        hashes[written] := at_hash;
    end loop;

    if written > 0 then
        insert into events (position, stream, version, id, name, schema_version, payload, metadata, recorded_at, hash)
        select at_position + e.rn, e.stream, e.version, e.id, e.name, e.schema, e.payload::json, e.metadata::json, recorded, h.hash
          from (select x.*, c.stream, row_number() over (order by x.i) as rn,
                       (c.expected + row_number() over (partition by x.c order by x.i))::integer as version
                  from unnest(e_command, e_id, e_name, e_schema, e_payload, e_metadata) with ordinality
                       as x(c, id, name, schema, payload, metadata, i)
                  join unnest(c_stream, c_expected, outcomes) with ordinality as c(stream, expected, outcome, i) on c.i = x.c
                 where c.outcome = 'appended') e
          join unnest(hashes) with ordinality as h(hash, rn) on h.rn = e.rn
         order by e.rn;
        update head h set position = at_position + written, hash = at_hash;
    end if;

    insert into timers (id, kind, due_at, stream, rule)
    select t.id, t.kind, t.due, t.stream, t.rule::json
      from unnest(t_command, t_id, t_kind, t_due, t_stream, t_rule) as t(c, id, kind, due, stream, rule)
     where outcomes[t.c] = 'appended'
        on conflict (id) do nothing;

    return query
        with stored as (
            select c.i::integer as i, c.id, c.fingerprint, c.stream, c.expected, size.events, size.last, o.o as outcome, o.p, o.v
              from unnest(c_id, c_fingerprint, c_stream, c_expected) with ordinality as c(id, fingerprint, stream, expected, i)
              join unnest(outcomes, known_position, known_version) with ordinality as o(o, p, v, i) on o.i = c.i
              left join (select e.c, count(*)::integer as events, max(e.rn) as last
                           from (select x.c, row_number() over (order by x.i) as rn
                                   from unnest(e_command) with ordinality as x(c, i) where outcomes[x.c] = 'appended') e
                          group by e.c) size on size.c = c.i),
        kept as (
            insert into commands (id, fingerprint, stream, position, version, recorded_at)
            select s.id, s.fingerprint, s.stream, at_position + s.last, s.expected + s.events, recorded
              from stored s where s.outcome = 'appended')
        select s.i, s.outcome,
               case s.outcome when 'appended' then at_position + s.last else s.p end,
               case s.outcome when 'appended' then s.expected + s.events else s.v end
          from stored s;
end $$;

-- After a restore: positions past the restore point will be handed out again, so everyone must be told (owner only).
create function begin_epoch() returns integer language sql as $$
    update head set epoch = epoch + 1, epoch_start = position returning epoch
$$;
