INSERT INTO public.inventory (product_id, warehouse, on_hand, price)
SELECT n, warehouse, 1000, ((n * 37) % 9900 + 100) / 100.0
FROM generate_series(1, 40) n
CROSS JOIN (VALUES ('north'), ('south')) warehouses (warehouse);

INSERT INTO public.carts (customer_id, items)
SELECT n, 'mug' FROM generate_series(1, 40) n;
