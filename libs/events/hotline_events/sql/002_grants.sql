-- What a service's own role may do. `{app}` is replaced by the role's name. append_events() runs with the owner's rights, so the
-- service has no INSERT, UPDATE, DELETE or TRUNCATE on `events` or `head` at all.

alter function append_events security definer set search_path = public, pg_temp;
revoke all on function append_events from public;
revoke all on function begin_epoch() from public;
grant execute on function append_events to {app};
grant usage on schema public to {app};
grant select on events, head, commands to {app};
grant select, insert, update, delete on checkpoints, timers, parked, business_clock to {app};

-- The service's role makes its own schemas (`views`, and one beside it during a rebuild).
do $$ begin execute format('grant create on database %I to {app}', current_database()); end $$;
