-- Tables that join others, by the names of CUCM's data dictionary. Tables that
-- begin with sim_ are the simulator's own.
CREATE TABLE IF NOT EXISTS enduserdevicemap (
  pkid TEXT NOT NULL PRIMARY KEY,
  fkenduser TEXT NOT NULL REFERENCES enduser(pkid) ON DELETE CASCADE,
  fkdevice TEXT NOT NULL REFERENCES device(pkid) ON DELETE CASCADE,
  tkuserassociation INTEGER NOT NULL REFERENCES typeuserassociation(enum),
  UNIQUE (fkenduser, fkdevice, tkuserassociation)
);
CREATE INDEX IF NOT EXISTS ix_enduserdevicemap_device ON enduserdevicemap(fkdevice);
CREATE TABLE IF NOT EXISTS endusernumplanmap (
  pkid TEXT NOT NULL PRIMARY KEY,
  fkenduser TEXT NOT NULL REFERENCES enduser(pkid) ON DELETE CASCADE,
  fknumplan TEXT NOT NULL REFERENCES numplan(pkid) ON DELETE CASCADE,
  tkdnusage INTEGER NOT NULL REFERENCES typednusage(enum),
  UNIQUE (fkenduser, tkdnusage)
);
CREATE INDEX IF NOT EXISTS ix_endusernumplanmap_numplan ON endusernumplanmap(fknumplan);
CREATE TABLE IF NOT EXISTS enduserdirgroupmap (
  pkid TEXT NOT NULL PRIMARY KEY,
  fkenduser TEXT NOT NULL REFERENCES enduser(pkid) ON DELETE CASCADE,
  fkdirgroup TEXT NOT NULL REFERENCES dirgroup(pkid),
  UNIQUE (fkenduser, fkdirgroup)
);
CREATE TABLE IF NOT EXISTS devicenumplanmapendusermap (
  pkid TEXT NOT NULL PRIMARY KEY,
  fkdevicenumplanmap TEXT NOT NULL REFERENCES devicenumplanmap(pkid) ON DELETE CASCADE,
  fkenduser TEXT NOT NULL REFERENCES enduser(pkid) ON DELETE CASCADE,
  UNIQUE (fkdevicenumplanmap, fkenduser)
);
CREATE INDEX IF NOT EXISTS ix_devicenumplanmapendusermap_user ON devicenumplanmapendusermap(fkenduser);
CREATE TABLE IF NOT EXISTS telecastersubscribedservice (
  pkid TEXT NOT NULL PRIMARY KEY,
  fkdevice TEXT NOT NULL REFERENCES device(pkid) ON DELETE CASCADE,
  fktelecasterservice TEXT NOT NULL REFERENCES telecasterservice(pkid),
  servicename TEXT NOT NULL,
  url TEXT NOT NULL DEFAULT '',
  urlbuttonindex TEXT NOT NULL DEFAULT '0',
  urllabel TEXT NOT NULL DEFAULT '',
  servicenameascii TEXT NOT NULL DEFAULT '',
  sortorder INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS ix_telecastersubscribedservice_device ON telecastersubscribedservice(fkdevice);
CREATE TABLE IF NOT EXISTS callingsearchspacemember (
  pkid TEXT NOT NULL PRIMARY KEY,
  fkcallingsearchspace TEXT NOT NULL REFERENCES callingsearchspace(pkid) ON DELETE CASCADE,
  fkroutepartition TEXT NOT NULL REFERENCES routepartition(pkid),
  sortorder INTEGER NOT NULL,
  UNIQUE (fkcallingsearchspace, fkroutepartition)
);
CREATE TABLE IF NOT EXISTS linegroupnumplanmap (
  pkid TEXT NOT NULL PRIMARY KEY,
  fklinegroup TEXT NOT NULL REFERENCES linegroup(pkid) ON DELETE CASCADE,
  fknumplan TEXT NOT NULL REFERENCES numplan(pkid) ON DELETE CASCADE,
  lineselectionorder INTEGER NOT NULL,
  UNIQUE (fklinegroup, fknumplan)
);
CREATE INDEX IF NOT EXISTS ix_linegroupnumplanmap_numplan ON linegroupnumplanmap(fknumplan);
CREATE TABLE IF NOT EXISTS routelist (
  pkid TEXT NOT NULL PRIMARY KEY,
  fkdevice TEXT NOT NULL REFERENCES device(pkid) ON DELETE CASCADE,
  fklinegroup TEXT REFERENCES linegroup(pkid),
  fkroutegroup TEXT REFERENCES routegroup(pkid),
  selectionorder INTEGER NOT NULL,
  UNIQUE (fkdevice, fklinegroup),
  UNIQUE (fkdevice, fkroutegroup)
);
CREATE INDEX IF NOT EXISTS ix_routelist_linegroup ON routelist(fklinegroup);
CREATE TABLE IF NOT EXISTS extensionmobilitydynamic (
  pkid TEXT NOT NULL PRIMARY KEY,
  fkdevice TEXT NOT NULL UNIQUE REFERENCES device(pkid) ON DELETE CASCADE,
  fkdevice_currentloginprofile TEXT REFERENCES device(pkid) ON DELETE CASCADE,
  fkenduser TEXT REFERENCES enduser(pkid) ON DELETE CASCADE,
  logintime INTEGER NOT NULL DEFAULT 0,
  loginduration INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS ix_extensionmobilitydynamic_profile ON extensionmobilitydynamic(fkdevice_currentloginprofile);
CREATE INDEX IF NOT EXISTS ix_extensionmobilitydynamic_user ON extensionmobilitydynamic(fkenduser);
CREATE TABLE IF NOT EXISTS credential (
  pkid TEXT NOT NULL PRIMARY KEY,
  fkenduser TEXT NOT NULL REFERENCES enduser(pkid) ON DELETE CASCADE,
  tkcredential INTEGER NOT NULL REFERENCES typecredential(enum),
  credentials TEXT NOT NULL DEFAULT '',
  fkcredentialpolicy TEXT REFERENCES credentialpolicy(pkid),
  usercantchange TEXT NOT NULL DEFAULT 'f',
  usermustchange TEXT NOT NULL DEFAULT 'f',
  doesnotexpire TEXT NOT NULL DEFAULT 'f',
  lockedbyadministrator TEXT NOT NULL DEFAULT 'f',
  hackcount INTEGER NOT NULL DEFAULT 0,
  timechanged INTEGER NOT NULL DEFAULT 0,
  UNIQUE (fkenduser, tkcredential)
);
CREATE TABLE IF NOT EXISTS applicationuser (
  pkid TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS applicationuserdevicemap (
  pkid TEXT NOT NULL PRIMARY KEY,
  fkapplicationuser TEXT NOT NULL REFERENCES applicationuser(pkid) ON DELETE CASCADE,
  fkdevice TEXT NOT NULL REFERENCES device(pkid) ON DELETE CASCADE,
  tkuserassociation INTEGER NOT NULL REFERENCES typeuserassociation(enum),
  UNIQUE (fkapplicationuser, fkdevice, tkuserassociation)
);
CREATE INDEX IF NOT EXISTS ix_applicationuserdevicemap_device ON applicationuserdevicemap(fkdevice);
CREATE TABLE IF NOT EXISTS sim_userextension (
  pkid TEXT NOT NULL PRIMARY KEY,
  fkenduser TEXT NOT NULL REFERENCES enduser(pkid) ON DELETE CASCADE,
  fknumplan TEXT NOT NULL REFERENCES numplan(pkid) ON DELETE CASCADE,
  sortorder INTEGER NOT NULL DEFAULT 0,
  lineprimaryuri TEXT NOT NULL DEFAULT '',
  UNIQUE (fkenduser, fknumplan)
);
CREATE INDEX IF NOT EXISTS ix_sim_userextension_numplan ON sim_userextension(fknumplan);
CREATE TABLE IF NOT EXISTS sim_remotedestinationline (
  pkid TEXT NOT NULL PRIMARY KEY,
  fkremotedestination TEXT NOT NULL REFERENCES remotedestination(pkid) ON DELETE CASCADE,
  fkdevicenumplanmap TEXT NOT NULL REFERENCES devicenumplanmap(pkid) ON DELETE CASCADE,
  UNIQUE (fkremotedestination, fkdevicenumplanmap)
);
CREATE INDEX IF NOT EXISTS ix_sim_remotedestinationline_map ON sim_remotedestinationline(fkdevicenumplanmap);
CREATE TABLE IF NOT EXISTS sim_ldapuser (
  agreement TEXT NOT NULL,
  userid TEXT NOT NULL COLLATE NOCASE,
  attributes TEXT NOT NULL,
  PRIMARY KEY (agreement, userid)
);

-- A user of a directory whose user id changed since the last sync.
CREATE TABLE IF NOT EXISTS sim_ldaprename (
  agreement TEXT NOT NULL,
  userid TEXT NOT NULL COLLATE NOCASE,
  was TEXT NOT NULL COLLATE NOCASE,
  PRIMARY KEY (agreement, userid)
);
CREATE TABLE IF NOT EXISTS sim_meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS u_enduser_userid ON enduser(userid COLLATE NOCASE);
CREATE UNIQUE INDEX IF NOT EXISTS u_enduser_selfservice ON enduser(selfservice) WHERE selfservice <> '';
CREATE UNIQUE INDEX IF NOT EXISTS u_device_name ON device(name COLLATE NOCASE);
CREATE UNIQUE INDEX IF NOT EXISTS u_numplan_pattern ON numplan(dnorpattern, ifnull(fkroutepartition, ''));
CREATE UNIQUE INDEX IF NOT EXISTS u_devicenumplanmap_index ON devicenumplanmap(fkdevice, numplanindex);
CREATE UNIQUE INDEX IF NOT EXISTS u_devicenumplanmap_line ON devicenumplanmap(fknumplan, fkdevice);
CREATE UNIQUE INDEX IF NOT EXISTS u_remotedestination_destination ON remotedestination(destination);
CREATE VIEW IF NOT EXISTS callforwarddynamic AS
  SELECT pkid, pkid AS fknumplan, cfadestination, cfavoicemailenabled, fkcallingsearchspace_cfa, fkcallingsearchspace_scfa FROM numplan;
CREATE VIEW IF NOT EXISTS remotedestinationdynamic AS
  SELECT pkid, pkid AS fkremotedestination, destination, answertoosoontimer, answertoolatetimer, delaybeforeringingcell,
    ismobilephone, enablemobileconnect AS enablesinglenumberreach FROM remotedestination;
CREATE VIEW IF NOT EXISTS pickupgrouplinemap AS
  SELECT pkid, pkid AS fknumplan_line, fkpickupgroup FROM numplan WHERE fkpickupgroup IS NOT NULL;
