#!/bin/sh
# Runs once, when the database is first made. Two ordinary roles: `tandem` owns the tables and migrates them,
# `tandem_app` works in them. Neither is a superuser: row-level security, the wall between workspaces, does nothing
# for one. What `tandem_app` may do, each `migrate` grants.
set -eu
psql --set ON_ERROR_STOP=1 --set owner="$TANDEM_DB_OWNER_PASSWORD" --set app="$TANDEM_DB_PASSWORD" \
  --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE tandem LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'owner';
CREATE ROLE tandem_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'app';
CREATE DATABASE tandem OWNER tandem;
SQL
