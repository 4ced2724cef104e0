import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Incoming } from "../../../worker/sources/source.ts";

/** A recorded delivery and the facts that it must become. */
export type Recorded = {
	name: string;
	text: string;
	headers: Headers;
	tags: string[];
	/** Facts of the recording; which there are depends on `entity`. */
	expect: Record<string, unknown> & { entity: string };
};

const FIXTURES = join(import.meta.dirname, "../../fixtures");

function readJson(path: string) {
	return JSON.parse(readFileSync(path, "utf8"));
}

/** Every recording of a source, by name. */
export function recordings(source: "github" | "gitlab" | "argocd" | "cdevents"): Recorded[] {
	const folder = join(FIXTURES, source);
	return readdirSync(folder)
		.filter((file) => file.endsWith(".expect.json"))
		.sort()
		.map((file) => {
			const facts = readJson(join(folder, file));
			const text = readFileSync(join(folder, facts.file), "utf8");
			return { name: facts.file, text, headers: new Headers(facts.request.headers), tags: facts.tags, expect: facts.expect };
		});
}

type Step = { n: number; source: string; file: string; headers: Record<string, string>; expect_after: Record<string, unknown> };

/** One step of the recorded day. */
export function dayStep(n: number): Step & { text: string } {
	const step = readJson(join(FIXTURES, "e2e-main/sequence.json")).steps.find((one: Step) => one.n === n);
	return { ...step, text: readFileSync(join(FIXTURES, "e2e-main", step.file), "utf8") };
}

/** A delivery as the Worker hands it to a source. */
export function incoming(text: string, headers: Headers | Record<string, string> = {}): Incoming {
	return { headers: new Headers(headers), bytes: new TextEncoder().encode(text), text };
}

/** An ISO time of a recording as epoch ms, or null. */
export function at(iso: unknown): number | null {
	return typeof iso === "string" ? Date.parse(iso.replace(/^(\S+) (\S+) UTC$/, "$1T$2Z")) : null;
}

/** The lower-case hex HMAC-SHA256 of a text. */
export async function hmacHex(secret: string, text: string): Promise<string> {
	const encoder = new TextEncoder();
	const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
	return Buffer.from(await crypto.subtle.sign("HMAC", key, encoder.encode(text))).toString("hex");
}
