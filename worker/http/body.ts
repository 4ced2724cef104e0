import { redact } from "../domains/redaction/mask.ts";
import { AppError } from "../errors.ts";
import { decodeUtf8, parseObject } from "../pipeline/parse.ts";

/** A header's text as a complaint may repeat it: masked before it is cut, for half of a secret has no shape. */
const quoted = (text: string) => redact(text).text.slice(0, 60);

/** Refuse bodies that come compressed (they would be read as noise), or in a type this door does not read. */
export function checkContentType(headers: Headers, allowed: readonly string[]): void {
	const encoding = headers.get("content-encoding");
	if (encoding !== null && encoding.trim().toLowerCase() !== "identity") {
		throw new AppError("unsupportedType", `Send the body uncompressed: content-encoding ${quoted(encoding)} is not read here.`);
	}
	const sent = headers.get("content-type")?.split(";")[0]?.trim() ?? "";
	if (!allowed.includes(sent.toLowerCase())) {
		throw new AppError("unsupportedType", `Send the body as ${allowed.join(" or ")}${sent ? `, not ${quoted(sent)}` : ""}.`);
	}
}

/** Forms and commands are small. */
const JSON_BYTES_MAX = 64 * 1024;

/** A request's body as one JSON object. @throws AppError malformed | tooLarge | unsupportedType */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
	checkContentType(request.headers, ["application/json"]);
	return parseObject(decodeUtf8(await readCapped(request, JSON_BYTES_MAX)));
}

/** A request's body as the fields of a form; the first of each name. @throws AppError tooLarge | unsupportedType */
export async function readForm(request: Request): Promise<Record<string, string>> {
	checkContentType(request.headers, ["application/x-www-form-urlencoded"]);
	const text = new TextDecoder().decode(await readCapped(request, JSON_BYTES_MAX));
	const fields: Record<string, string> = Object.create(null);
	for (const [name, value] of new URLSearchParams(text)) fields[name] ??= value;
	return fields;
}

/** Forms of pages; the longest replays fifty deliveries. */
const FORM_BYTES_MAX = 256 * 1024;

/**
 * A page's form, read and seen to be one, for the page to read again: what is no form would be an error of ours there.
 * @throws AppError malformed | tooLarge | unsupportedType
 */
export async function checkForm(request: Request): Promise<Request> {
	const { url, method, headers, signal } = request;
	checkContentType(headers, ["application/x-www-form-urlencoded", "multipart/form-data"]);
	const body = await readCapped(request, FORM_BYTES_MAX);
	try {
		await new Response(body, { headers: { "content-type": headers.get("content-type") ?? "" } }).formData();
	} catch {
		throw new AppError("malformed", "The body is not the form that its content type says.");
	}
	return new Request(url, { method, headers, signal, body });
}

/**
 * Read a body, but never more than `maxBytes` of it.
 * @throws AppError tooLarge as soon as the cap is passed, whatever Content-Length says
 */
export async function readCapped(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
	const tooLarge = () => new AppError("tooLarge", `The body is larger than ${maxBytes} bytes. Send less at a time.`);
	const declared = Number(request.headers.get("content-length") ?? 0);
	if (declared > maxBytes) throw tooLarge();
	if (request.body === null) return new Uint8Array();
	// A declared length is enforced by the platform's parser: no more than that can come, so nothing needs counting.
	if (declared > 0 && !request.headers.has("transfer-encoding")) return new Uint8Array(await request.arrayBuffer());
	const reader = request.body.getReader() as ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
	const chunks: Uint8Array<ArrayBuffer>[] = [];
	let size = 0;
	for (;;) {
		const { done, value } = await reader.read();
		if (done) break;
		size += value.byteLength;
		if (size > maxBytes) {
			await reader.cancel().catch(() => {});
			throw tooLarge();
		}
		chunks.push(value);
	}
	const [only] = chunks;
	if (chunks.length === 1 && only) return only;
	const bytes = new Uint8Array(size);
	let at = 0;
	for (const chunk of chunks) {
		bytes.set(chunk, at);
		at += chunk.byteLength;
	}
	return bytes;
}
