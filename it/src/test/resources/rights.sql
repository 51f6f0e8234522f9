DO $$ BEGIN CREATE ROLE :role LOGIN REPLICATION PASSWORD ':password'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
GRANT CONNECT, CREATE ON DATABASE :database TO :role;
GRANT USAGE, CREATE ON SCHEMA public TO :role;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_replication_origin_create(text) TO :role;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_replication_origin_session_setup(text) TO :role;
GRANT SET ON PARAMETER session_replication_role TO :role;
