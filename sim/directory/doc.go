// Package directory plays an Active Directory domain for demos and tests: a real
// LDAP server in this process, over LDAPS, and StartTLS on a second address. It
// must not know any client of ours, and it proves nothing about one: the
// connector's contract test also runs on Samba AD and OpenLDAP.
//
// Faithful to AD (measured on Samba AD 4.17 unless a line says otherwise):
//   - simple bind without TLS is refused (8), a wrong password is 49 with data
//     52e, everything but the rootDSE before bind is 1, a bind with a name and
//     an empty password succeeds and is nobody;
//   - modify semantics and their codes: wrong old value 16, adding to a taken
//     single-valued attribute 20, empty value 21, unknown attribute 16, an
//     attribute the account may not write 50, the directory's own attributes 19;
//     all changes of a request happen or none; replacing a value by itself moves
//     no uSNChanged, deleting and adding it does; values compare without regard
//     to case, and otherwise exactly;
//   - allowedAttributes and allowedAttributesEffective tell an account its rights;
//   - <GUID=...> as base and as target, objectGUID in stored byte order in
//     filters, identity kept through a rename, tombstones behind control 417;
//   - three-valued filters, the bitwise rules, objectCategory=person, attribute
//     names without regard to case, no msRTCSIP-Line and no extensionAttributeN;
//   - at most MaxPageSize (1000) objects an answer: more without paging is 4
//     after the first 1000 (Windows; Samba does not enforce it), a page's cookie
//     is bound to its connection (53 on another);
//   - the permissive modify control makes a wrong delete succeed silently; an
//     uncritical assertion control is ignored, any critical unknown control is 12.
//
// assumed: the Windows codes 19 for two values at once and for a value that is
// too long (Flavor AD; Samba's measured 20 and 21 with Flavor Samba); the codes
// of renames and deletes of containers (66); what the diagnostic texts say
// besides "data 52e".
//
// Not played: SASL, DirSync, change notification, ranged values, sorting, the
// global catalog, the schema as objects, passwords of people, access rights on
// reading. A service account is no object.
package directory
