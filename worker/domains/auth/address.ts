/** IPv6 in full: eight groups. @returns null for what is no address */
function groupsOf(address: string): string[] | null {
	const [head = "", tail, more] = address.split("::");
	if (more !== undefined) return null;
	const before = head === "" ? [] : head.split(":");
	const after = tail === undefined || tail === "" ? [] : tail.split(":");
	const missing = 8 - before.length - after.length;
	if (tail === undefined ? missing !== 0 : missing < 1) return null;
	const groups = [...before, ...Array.from({ length: Math.max(0, missing) }, () => "0"), ...after];
	return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? groups.map((group) => group.toLowerCase()) : null;
}

/**
 * The part of an address that is kept: enough to see that it is another network, not enough to find a person. A household or an
 * office shares it, so it is also what sign-in attempts are counted by.
 * @returns `203.0.113.0/24`, `2001:db8:1::/48`, or `unknown`
 */
export function addressPrefix(address: string | null | undefined): string {
	const text = (address ?? "").trim();
	const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/i.exec(text);
	if (v4) return `${v4[1]}.${v4[2]}.${v4[3]}.0/24`;
	const groups = groupsOf(text);
	if (!groups) return "unknown";
	const kept = groups.slice(0, 3).map((group) => group.replace(/^0+(?=.)/, ""));
	return `${kept.join(":")}::/48`;
}
