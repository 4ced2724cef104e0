// A self-signed certificate for 127.0.0.1 and localhost, made on the spot: kubectl sends no token over plain HTTP, and the agent's
// own certificate authority wants to be tried.
import { generateKeyPairSync, sign } from "node:crypto";

const der = (tag: number, ...parts: Uint8Array[]): Buffer => {
	const body = Buffer.concat(parts);
	const size =
		body.length < 0x80 ? [body.length] : body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"));
const integer = (...bytes: number[]) => der(0x02, Buffer.from(bytes));
const name = (text: string) => sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(text)))));
const time = (text: string) => der(0x18, Buffer.from(text));
const isTrue = der(0x01, Buffer.from([0xff]));

/** PEM of a key and its certificate, which is its own authority. */
export function selfSigned(): { key: string; cert: string } {
	const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
	const subject = name("kube-double");
	const extensions = sequence(
		sequence(oid("551d13"), isTrue, der(0x04, sequence(isTrue))),
		// DNS:localhost, IP:127.0.0.1
		sequence(oid("551d11"), der(0x04, sequence(der(0x82, Buffer.from("localhost")), der(0x87, Buffer.from([127, 0, 0, 1]))))),
	);
	const body = sequence(
		der(0xa0, integer(2)),
		integer(1),
		ecdsaWithSha256,
		subject,
		sequence(time("20200101000000Z"), time("20491231235959Z")),
		subject,
		publicKey.export({ type: "spki", format: "der" }),
		der(0xa3, extensions),
	);
	const signature = sign("sha256", body, privateKey);
	const certificate = sequence(body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
	const lines = certificate.toString("base64").match(/.{1,64}/g) as string[];
	return {
		key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
		cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
	};
}
