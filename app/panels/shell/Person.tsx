import { SignOutIcon } from "../../ui/icons.tsx";

/** A person's initials. Decoration: the name stands beside it. `sm` is for rows. */
export function Avatar({ name, size = "md" }: { name: string; size?: "md" | "sm" }) {
	return (
		<span
			aria-hidden="true"
			className={`grid shrink-0 place-items-center rounded-full bg-acc-fill font-semibold text-white uppercase ${size === "sm" ? "size-5 text-[0.5625rem]" : "size-7 text-min"}`}
		>
			{initials(name)}
		</span>
	);
}

/** A real form: the Worker ends the session and leads to the sign-in page, with or without scripts. */
export function SignOut({ compact = false }: { compact?: boolean }) {
	return (
		<form method="post" action="/sign-out">
			<button
				type="submit"
				data-tip={compact ? "Sign out" : undefined}
				className={`target flex h-8 items-center gap-2.5 rounded-ctl text-body text-t2 hover:bg-s2 hover:text-t1 ${
					compact ? "w-full justify-center lg:group-data-[nav=wide]/nav:w-8" : "w-full px-2.5"
				}`}
			>
				<SignOutIcon />
				<span className={compact ? "sr-only" : ""}>Sign out</span>
			</button>
		</form>
	);
}

function initials(name: string): string {
	const words = name.split(/\s+/).filter(Boolean);
	// By code point, so that a name that begins outside the basic plane is not cut in half.
	return [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "").join("");
}
