import type { Revision } from "../../wire/agent.ts";

/** Which revision of a workload a deployment is, and what a version is called. Pure; see the table in its test. */

/** `registry:5000/shop/checkout:1.4.2@sha256:ab…` in its parts. */
export function imageParts(image: string): { name: string; tag: string | null; digest: string | null } {
	const [path = "", digest = null] = image.split("@") as [string, string?];
	const slash = path.lastIndexOf("/");
	const colon = path.indexOf(":", slash + 1);
	return { name: colon < 0 ? path : path.slice(0, colon), tag: colon < 0 ? null : path.slice(colon + 1), digest };
}

/** A digest as people can compare it. */
const shortDigest = (digest: string) => digest.replace(/^sha\d+:/, "").slice(0, 12);

/** The image that is the component itself, among those beside it: the one that is called like it, else the first. */
export function ownImage(images: readonly string[], component: string): string | null {
	const lastPart = (image: string) => imageParts(image).name.split("/").at(-1);
	return images.find((image) => lastPart(image) === component) ?? images[0] ?? null;
}

/** What a set of images is called: the tag of the component's own one, else its digest in short. */
export function versionOfImages(images: readonly string[], component: string): string {
	const image = ownImage(images, component);
	if (image === null) return "unknown";
	const { tag, digest, name } = imageParts(image);
	return tag ?? (digest === null ? (name.split("/").at(-1) ?? name) : shortDigest(digest));
}

/** What of a deployment tells which revision it is. */
export type Declared = {
	component: string;
	version: string;
	commit: string | null;
	images: readonly string[];
	startedAt: number;
	finishedAt: number | null;
};

/** A revision may be made a little before its deployment is said to begin, and well after it is said to be done. */
const BEFORE_MS = 60_000;
const AFTER_MS = 10 * 60_000;

const bare = (version: string) =>
	version
		.trim()
		.toLowerCase()
		.replace(/^v(?=\d)/, "");
/** Runs of hex in a text that may be the beginning of a commit's name. */
const shasIn = (text: string) => text.toLowerCase().match(/(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])/g) ?? [];

function namesCommit(text: string, commit: string | null): boolean {
	return commit !== null && shasIn(text).some((sha) => commit.toLowerCase().startsWith(sha));
}

function isOfImage({ component, version, commit, images: declared }: Declared, { images }: Revision): boolean {
	const own = ownImage(images, component);
	if (own !== null && declared.includes(own)) return true;
	return images.some((image) => {
		const { tag, digest } = imageParts(image);
		if (
			digest !== null &&
			(digest === version || (digest.replace(/^sha256:/, "").startsWith(version.replace(/^sha256:/, "")) && version.length >= 12))
		)
			return true;
		return tag !== null && (bare(tag) === bare(version) || namesCommit(tag, commit));
	});
}

function isOfLabel({ version, commit }: Declared, { label }: Revision): boolean {
	return label !== null && (bare(label) === bare(version) || namesCommit(label, commit));
}

/**
 * The revision that a deployment is, by the strongest sign there is: its images, the version in its labels, a commit in its
 * change-cause where that was not copied on, and at last the time at which it was made. Null where nothing tells.
 */
export function revisionOf(deployment: Declared, revisions: readonly Revision[]): Revision | null {
	const newest = (among: readonly Revision[]) =>
		among.reduce<Revision | null>((a, b) => (a === null || b.revision > a.revision ? b : a), null);
	// A restart makes another revision of the same images: the newest is the one that is meant.
	const byImage = newest(revisions.filter((revision) => isOfImage(deployment, revision)));
	if (byImage) return byImage;
	const byLabel = newest(revisions.filter((revision) => isOfLabel(deployment, revision)));
	if (byLabel) return byLabel;
	const byCause = revisions.filter(
		(one) =>
			one.changeCause !== null &&
			namesCommit(one.changeCause, deployment.commit) &&
			revisions.every((other) => other === one || other.changeCause !== one.changeCause),
	);
	if (byCause.length === 1) return byCause[0] ?? null;
	const { startedAt, finishedAt } = deployment;
	const inTime = revisions.filter(
		({ createdAt }) => createdAt >= startedAt - BEFORE_MS && createdAt <= (finishedAt ?? startedAt) + AFTER_MS,
	);
	return inTime.length === 1 ? (inTime[0] ?? null) : null;
}

/** Whether two versions are of the kind that can be told apart by looking: numbers with dots. */
export function areComparable(a: string, b: string): boolean {
	const numbered = /^v?\d+\.\d+/i;
	return numbered.test(a) && numbered.test(b);
}

/** Whether two names of versions mean the same one. */
export function isSameVersion(a: string, b: string): boolean {
	return bare(a) === bare(b);
}
