import { withPatience } from "./patience.ts";

/** Asking other people's servers, to addresses that people typed in. @source reliability rules, Outbound */

const PATIENCE_MS = 5000;
const ANSWER_BYTES_MAX = 64 * 1024;

/** What came of sending something outwards. `permanent`: sending it again would come to the same. */
export type Sent = { result: "sent"; status: number } | { result: "retry" | "permanent"; status: number | null; why: string };

export type Outbound = {
	url: string;
	headers: Record<string, string>;
	body: string;
	/** The only hosts it may go to; null where any public one will do. */
	hosts: readonly string[] | null;
	/** A development installation may send to doubles on its own machine. */
	mayLoopback: boolean;
};

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** Why nothing is sent to an address, in a sentence; null when it may be. */
export function refusedAddress(address: string, { hosts, mayLoopback }: Pick<Outbound, "hosts" | "mayLoopback">): string | null {
	let url: URL;
	try {
		url = new URL(address);
	} catch {
		return "This is not an address.";
	}
	const { protocol, username, password, port } = url;
	// A name that ends with a dot is the same name.
	const hostname = url.hostname.replace(/\.+$/, "");
	if (mayLoopback && LOOPBACK.has(hostname) && /^https?:$/.test(protocol)) return null;
	if (protocol !== "https:") return "Only addresses that begin with https:// are called.";
	if (username !== "" || password !== "") return "An address with a name or password in it is not called.";
	if (port !== "") return "An address with a port of its own is not called.";
	// What the URL parser knows as an address of the other kinds it writes in this form.
	if (/^\d+(\.\d+){3}$/.test(hostname) || hostname.startsWith("[")) return "An address of numbers is not called: use a name.";
	if (!hostname.includes(".") || /\.(local|localhost|svc|internal|lan|home|arpa|test|invalid)$/i.test(hostname))
		return "This is not a public host.";
	if (hosts !== null && !hosts.includes(hostname)) return `Only ${hosts.join(" and ")} may be called for this.`;
	return null;
}

/** Post once. Nothing of the answer but its status goes any further: it may be anybody's. @throws never */
export async function safePost(outbound: Outbound): Promise<Sent> {
	const refused = refusedAddress(outbound.url, outbound);
	if (refused !== null) return { result: "permanent", status: null, why: refused };
	const { url, headers, body } = outbound;
	const { hostname } = new URL(url);
	try {
		const answer = await withPatience(
			fetch(url, { method: "POST", headers, body, redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) }),
			PATIENCE_MS,
			() => new Error("silence"),
		);
		// It has answered: what becomes of the rest of that changes nothing.
		await drain(answer).catch(() => {});
		return sentOf(answer.status, hostname);
	} catch {
		return { result: "retry", status: null, why: `${hostname} did not answer within 5 s.` };
	}
}

function sentOf(status: number, hostname: string): Sent {
	if (status >= 200 && status < 300) return { result: "sent", status };
	const why = `${hostname} answered ${status}.`;
	if (status === 408 || status === 425 || status === 429 || status >= 500) return { result: "retry", status, why };
	return { result: "permanent", status, why: status >= 300 && status < 400 ? `${why} Redirects are not followed.` : why };
}

/** Read what there is, but no more than a little: a connection whose answer was not read can't be used again. */
async function drain(answer: Response): Promise<void> {
	const reader = answer.body?.getReader();
	if (!reader) return;
	let size = 0;
	for (;;) {
		const { done, value } = await reader.read();
		if (done) return;
		size += value.byteLength;
		if (size > ANSWER_BYTES_MAX) return await reader.cancel();
	}
}
