import clsx from "clsx";
import { type ButtonHTMLAttributes, forwardRef, type ReactNode } from "react";
import { SpokesIcon } from "./icons.tsx";

type Look = {
	/** primary: the one act of a page. danger: takes something away. quiet: no border until pointed at. */
	tone?: "plain" | "primary" | "danger" | "quiet";
	/** sm stands in cards and rows. */
	size?: "md" | "sm";
};

const TONES = {
	plain: "border-ctl bg-s1 text-t1 enabled-look:bg-s2",
	primary: "border-transparent bg-acc-fill text-white enabled-look:brightness-110",
	danger: "border-transparent bg-bad-fill text-white enabled-look:brightness-110",
	quiet: "border-transparent text-t2 enabled-look:bg-s2 enabled-look:text-t1",
};

const SIZES = { md: "h-8 px-3 text-body", sm: "h-6.5 px-2.5 text-sec" };

// Disabled is a colour and a cursor; faded text would not be readable. The reason stands beside it.
const DISABLED = "disabled-look:cursor-not-allowed disabled-look:border-line2 disabled-look:bg-s2 disabled-look:text-t3";

/** The look of a button, for links that act like one. */
export function buttonClass({ tone = "plain", size = "md" }: Look = {}): string {
	return clsx(
		"target relative inline-flex shrink-0 items-center justify-center gap-1.5 rounded-ctl border font-medium whitespace-nowrap",
		SIZES[size],
		TONES[tone],
		DISABLED,
	);
}

type ButtonProps = Look & {
	/** What it started is under way: it looks disabled, keeps its width and takes no second press. */
	busy?: boolean;
} & ButtonHTMLAttributes<HTMLButtonElement>;

/** A button: verb and object. */
export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
	{ tone, size, busy = false, type = "button", className, onClick, children, ...button },
	ref,
) {
	return (
		<button
			{...button}
			ref={ref}
			type={type}
			aria-busy={busy || undefined}
			// Not `disabled`, which would drop the focus of whoever pressed it.
			aria-disabled={busy || button["aria-disabled"] || undefined}
			onClick={(event) => {
				if (busy || button["aria-disabled"] === true) event.preventDefault();
				else onClick?.(event);
			}}
			className={clsx(buttonClass({ ...(tone && { tone }), ...(size && { size }) }), className)}
		>
			{busy && (
				<span className="absolute inset-0 grid place-items-center">
					<SpokesIcon />
				</span>
			)}
			{/* Transparent, not gone: the width stays, and the name is still heard. */}
			<span className={clsx("contents", busy && "text-transparent")}>{children}</span>
		</button>
	);
});

type IconButtonProps = { name: string; children: ReactNode; bordered?: boolean } & ButtonHTMLAttributes<HTMLButtonElement>;

/** A square button with an icon in it; its name is heard, and seen on hover. */
export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
	{ name, type = "button", bordered = false, className, children, ...button },
	ref,
) {
	return (
		<button
			{...button}
			ref={ref}
			type={type}
			aria-label={name}
			title={name}
			className={clsx(
				"target grid size-8 shrink-0 place-items-center rounded-ctl text-t2 enabled-look:bg-s2 enabled-look:text-t1",
				bordered && "border border-line2 bg-s1",
				"disabled-look:cursor-not-allowed disabled-look:text-t3",
				className,
			)}
		>
			{children}
		</button>
	);
});
