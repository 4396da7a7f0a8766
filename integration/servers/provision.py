"""Makes an Active Directory domain in a folder, with people and a service account.

Reads one JSON object on standard input: dir, realm, domain, host, password, people,
writer, outsider and delegate. It talks to the database files only: no server, no
network and no root are needed.
"""

import json
import logging
import os
import sys

from samba import param
from samba.auth import system_session
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2
from samba.provision import provision
from samba.samdb import SamDB
from samba.sd_utils import SDUtils


def make_domain(o):
    # An empty configuration: the machine's own (printers, paths) must not leak in.
    conf = os.path.join(o["dir"], "base.conf")
    with open(conf, "w") as f:
        f.write("[global]\n")
    lp = param.LoadParm()
    lp.load(conf)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    provision(
        logging.getLogger("provision"), system_session(), smbconf=conf, targetdir=o["dir"],
        realm=o["realm"], domain=o["domain"], hostname=o["host"], hostip="127.0.0.1",
        adminpass=o["password"], dns_backend="NONE", serverrole="dc",
        dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2, useeadb=True, skip_sysvolacl=True,
        lp=lp, backend_store="tdb", batch_mode=True)


def fill(o):
    lp = param.LoadParm()
    lp.load(os.path.join(o["dir"], "etc", "smb.conf"))
    sam = SamDB(os.path.join(o["dir"], "private", "sam.ldb"), session_info=system_session(), lp=lp)
    base = str(sam.domain_dn())
    sam.transaction_start()
    people_ou = "OU=People," + base
    sam.add({"dn": people_ou, "objectClass": "organizationalUnit"})
    for p in o["people"]:
        entry = {k: v for k, v in p.items() if v}
        name = entry["cn"].replace("\\", "\\\\").replace(",", "\\,")
        entry.update(dn="CN=" + name + "," + people_ou, objectClass="user")
        sam.add(entry)
    for account in (o["writer"], o["outsider"]):
        sam.newuser(account, o["password"], userou="CN=Users")
    security = SDUtils(sam)
    found = sam.search(base, expression="(sAMAccountName=%s)" % o["writer"], attrs=["objectSid"])
    sid = sam.schema_format_value("objectSid", found[0]["objectSid"][0]).decode()
    # Write exactly the named attributes of users below the unit, nothing else.
    for guid in o["delegate"]:
        security.dacl_add_ace(people_ou, "(OA;CIIO;WP;%s;bf967aba-0de6-11d0-a285-00aa003049e2;%s)" % (guid, sid))
    sam.transaction_commit()


options = json.load(sys.stdin)
make_domain(options)
fill(options)
