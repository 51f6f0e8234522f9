-- Written in all regions, so made in all of them. The keys are not numbered by a sequence: they mean the same everywhere.
CREATE TABLE public.inventory (
    product_id bigint NOT NULL,
    warehouse text NOT NULL,
    on_hand int NOT NULL,
    price numeric(10, 2) NOT NULL,
    PRIMARY KEY (product_id, warehouse)
);
ALTER TABLE public.inventory REPLICA IDENTITY FULL;

CREATE TABLE public.carts (
    customer_id bigint PRIMARY KEY,
    items text NOT NULL,
    region text,
    updated_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE public.carts REPLICA IDENTITY FULL;
