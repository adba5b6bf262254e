/** What no monitor may reach by default, whatever hub or monitor say: ranges or names, and what a sentence calls them. */
export type Protection = readonly [rangeOrName: string, what: string];

export const PROTECTED: readonly Protection[] = [
  ["0.0.0.0/8", "an unspecified address"],
  ["127.0.0.0/8", "a loopback address"],
  ["169.254.0.0/16", "a link-local address"],
  ["224.0.0.0/4", "a multicast address"],
  ["240.0.0.0/4", "a reserved address"],
  ["::", "an unspecified address"],
  ["::1", "a loopback address"],
  ["fe80::/10", "a link-local address"],
  ["ff00::/8", "a multicast address"],
  ...metadata(),
];

/**
 * Where clouds serve what a machine may know and be, which is worth most to a tenant. Those within a link-local range
 * stand here too: who opens that range does not open them.
 */
function metadata(): Protection[] {
  const addresses = [
    "169.254.169.254", // AWS, Azure, Google Cloud, Oracle, DigitalOcean, Hetzner, OpenStack and others
    "169.254.170.2", // AWS: credentials of ECS tasks
    "169.254.170.23", // AWS: EKS Pod Identity
    "169.254.42.42", // Scaleway
    "169.254.0.23", // Tencent
    "100.100.100.200", // Alibaba
    "168.63.129.16", // Azure: the host's WireServer, a public address
    "192.0.0.192", // Oracle, Classic
    "fd00:ec2::/32", // AWS: metadata (::254), EKS Pod Identity (::23), DNS, time
    "fd20:ce::254", // Google Cloud
    "fd00:c1::a9fe:a9fe", // Oracle
    "fd00:42::42", // Scaleway
    "fd00:a9fe:a9fe::1", // Akamai (Linode)
    "fd00:100::100:200", // Alibaba
    "fe80::a9fe:a9fe", // OpenStack
  ];
  return addresses.map((address) => [address, "a metadata address of a cloud"]);
}
