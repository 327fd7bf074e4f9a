#!/bin/sh
# Runs once, when the database is first made. The application must not be a superuser: row-level
# security, the wall between workspaces, does nothing for one.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$TANDEM_DB_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE tandem LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE tandem OWNER tandem;
SQL
