-- What a superuser gives to the role that Anabranch uses, in every region. The role is no superuser.
GRANT EXECUTE ON FUNCTION pg_catalog.pg_replication_origin_create(text) TO anabranch;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_replication_origin_session_setup(text) TO anabranch;
GRANT SET ON PARAMETER session_replication_role TO anabranch;
