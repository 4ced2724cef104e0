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
