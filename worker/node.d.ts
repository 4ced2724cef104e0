// The few Node APIs that Workers offer and this Worker uses, named without pulling in all of Node's types.
declare module "node:buffer" {
	export const Buffer: { from: (text: string, encoding: "base64") => Uint8Array };
}
declare module "node:zlib" {
	type Bytes = Uint8Array & { toString: (encoding: "base64" | "utf8") => string };
	export function crc32(data: Uint8Array): number;
	export function deflateRawSync(data: string, options: { level: number }): Bytes;
	export function inflateRawSync(data: Uint8Array): Bytes;
}
