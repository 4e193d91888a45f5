// Names of programs that many machines serve, by the numbers that IANA keeps (RFC 5531, section 13; "ONC RPC Program Numbers");
// the names are those of rpc(5).

const names: readonly (readonly [program: number, name: string, ...others: readonly string[]])[] = [
  [100_000, 'rpcbind', 'portmapper', 'portmap', 'sunrpc'],
  [100_001, 'rstatd', 'rstat', 'rup'],
  [100_002, 'rusersd', 'rusers'],
  [100_003, 'nfs', 'nfsprog'],
  [100_004, 'ypserv', 'ypprog'],
  [100_005, 'mountd', 'mount', 'showmount'],
  [100_007, 'ypbind'],
  [100_008, 'walld', 'rwall', 'shutdown'],
  [100_009, 'yppasswdd', 'yppasswd'],
  [100_010, 'etherstatd', 'etherstat'],
  [100_011, 'rquotad', 'rquotaprog', 'quota', 'rquota'],
  [100_012, 'sprayd', 'spray'],
  [100_017, 'rexd', 'rex'],
  [100_020, 'llockmgr'],
  [100_021, 'nlockmgr'],
  [100_023, 'statmon'],
  [100_024, 'status'],
  [100_026, 'bootparam'],
  [100_028, 'ypupdated', 'ypupdate'],
  [100_029, 'keyserv', 'keyserver'],
  [100_037, 'tfsd'],
  [100_068, 'cmsd', 'dtcalendar'],
  [100_069, 'ypxfrd'],
  [100_083, 'ttdbserverd', 'tooltalk'],
  [100_099, 'autofs', 'automountd'],
  [100_227, 'nfs_acl'],
  [100_300, 'nisd', 'rpc.nisd'],
  [150_001, 'pcnfsd', 'pcnfs'],
  [300_019, 'amd', 'amq'],
  [391_002, 'sgi_fam', 'fam'],
]

const byNumber = new Map(names.map(([program, name]) => [program, name]))
const byName = new Map(names.flatMap(([program, ...all]) => all.map(name => [name, program] as const)))

/** The name of a program; undefined when it has none here. */
export function programName(program: number): string | undefined {
  return byNumber.get(program)
}

/** The number of a name; undefined when it is not known. */
export function programNumber(name: string): number | undefined {
  return byName.get(name)
}
