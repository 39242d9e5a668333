-- The keys database: one wrapped data key per person, in no other backup than its own. Run as keys_owner, any number of times.
-- Services have no right on the tables; they call the functions granted to them and nothing else.

CREATE TABLE IF NOT EXISTS person_keys (
    person_id   uuid PRIMARY KEY,
    wrapped_key bytea NOT NULL CHECK (octet_length(wrapped_key) BETWEEN 40 AND 128),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A person whose key was destroyed: the id stays here for ever, so that it can never get a new key.
CREATE TABLE IF NOT EXISTS shredded_persons (
    person_id   uuid PRIMARY KEY,
    shredded_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

REVOKE ALL ON person_keys, shredded_persons FROM PUBLIC;

-- Answers the key that the person has from now on: the given one, or the one that was there first, or none after a shredding.
-- The lock per person keeps a key from being born while another transaction buries the id.
CREATE OR REPLACE FUNCTION create_person_key(p_person_id uuid, p_wrapped_key bytea) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_key bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_person_id::text, 12345));
    IF EXISTS (SELECT 1 FROM public.shredded_persons s WHERE s.person_id = p_person_id) THEN
        RETURN NULL;
    END IF;
    INSERT INTO public.person_keys (person_id, wrapped_key) VALUES (p_person_id, p_wrapped_key)
    ON CONFLICT (person_id) DO NOTHING;
    SELECT k.wrapped_key INTO v_key FROM public.person_keys k WHERE k.person_id = p_person_id;
    RETURN v_key;
END $$;

CREATE OR REPLACE FUNCTION get_person_keys(p_person_ids uuid[]) RETURNS TABLE (person_id uuid, wrapped_key bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT k.person_id, k.wrapped_key FROM public.person_keys k WHERE k.person_id = ANY (p_person_ids)
$$;

-- The row is deleted, not marked: the wrapped key must not be left in it. Answers whether there was a key.
CREATE OR REPLACE FUNCTION shred_person_key(p_person_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_deleted boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_person_id::text, 12345));
    INSERT INTO public.shredded_persons (person_id) VALUES (p_person_id) ON CONFLICT DO NOTHING;
    DELETE FROM public.person_keys k WHERE k.person_id = p_person_id;
    v_deleted := FOUND;
    RETURN v_deleted;
END $$;

REVOKE ALL ON FUNCTION create_person_key(uuid, bytea), get_person_keys(uuid[]), shred_person_key(uuid) FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO intake_app, routing_app, followup_app;
GRANT EXECUTE ON FUNCTION create_person_key(uuid, bytea), shred_person_key(uuid) TO intake_app;
GRANT EXECUTE ON FUNCTION get_person_keys(uuid[]) TO intake_app, routing_app, followup_app;
