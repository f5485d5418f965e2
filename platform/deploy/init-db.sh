#!/bin/sh
# The application's database and role. Run once by the postgres image on an empty volume.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$SAUDA_DB_PASSWORD" --username postgres <<'SQL'
CREATE ROLE sauda LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'password';
CREATE DATABASE sauda OWNER sauda;
SQL
