package org.anabranch.sandbox.demo;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Carries the shop's workload out in the hub. */
final class ShopWriter implements WritingSession {

    private static final String INSERT_ORDER = """
            INSERT INTO orders (customer_id) VALUES (?) RETURNING id""";
    private static final String INSERT_LINES = """
            WITH lines AS (
                INSERT INTO order_lines (order_id, line, product_id, quantity, price)
                SELECT ?, wanted.line, p.id, wanted.quantity, p.price
                FROM unnest(?::bigint[], ?::int[]) WITH ORDINALITY wanted (product_id, quantity, line)
                JOIN products p ON p.id = wanted.product_id
                RETURNING order_id, quantity * price amount)
            UPDATE orders SET total = (SELECT sum(amount) FROM lines) WHERE id = ?""";
    private static final String TAKE_FROM_STOCK = """
            UPDATE products p
            SET stock = p.stock - wanted.quantity + CASE WHEN p.stock < 100 THEN 1000 ELSE 0 END, updated_at = now()
            FROM unnest(?::bigint[], ?::int[]) wanted (product_id, quantity) WHERE p.id = wanted.product_id""";
    private static final String COUNT_ORDER = """
            UPDATE customers SET orders_placed = orders_placed + 1, last_order_at = now() WHERE id = ?""";
    private static final String ADVANCE = """
            UPDATE orders SET updated_at = now(), status = CASE status
                WHEN 'pending' THEN 'paid' WHEN 'paid' THEN 'shipped' WHEN 'shipped' THEN 'delivered'
                ELSE status END::order_status
            WHERE id = ?""";
    private static final String CANCEL = """
            UPDATE orders SET status = 'cancelled', updated_at = now() WHERE id = ?""";
    private static final String PUT_BACK = """
            UPDATE products p SET stock = p.stock + l.quantity, updated_at = now()
            FROM order_lines l WHERE l.order_id = ? AND p.id = l.product_id""";
    private static final String CHANGE_PRICE = """
            UPDATE products SET price = greatest(0.50, least(1000, round(price * (100 + ?) / 100, 2))), updated_at = now()
            WHERE id = ?""";
    private static final String DELETE_LINES = "DELETE FROM order_lines WHERE order_id = ANY (?)";
    private static final String DELETE_ORDERS = "DELETE FROM orders WHERE id = ANY (?)";

    private final Connection connection;
    private final List<Long> customers;
    private final List<Long> products;
    private final OrderWindow orders;
    private final Workload workload;

    /** Reads which customers, products and orders there are. */
    ShopWriter(String jdbcUrl, long seed) throws SQLException {
        connection = ShopDatabase.connect(jdbcUrl);
        try {
            connection.setAutoCommit(false);
            customers = ids("SELECT id FROM customers ORDER BY id");
            products = ids("SELECT id FROM products ORDER BY id");
            orders = new OrderWindow(ids("SELECT id FROM (SELECT id FROM orders ORDER BY id DESC LIMIT "
                    + Workload.ORDERS_MAX + ") newest ORDER BY id"));
            connection.commit();
            workload = new Workload(seed, customers.size(), products.size(), orders.size());
        } catch (SQLException | IllegalArgumentException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public int write() throws SQLException {
        ShopTransaction transaction = workload.next();
        int rows =
                switch (transaction) {
                    case ShopTransaction.PlaceOrder placed -> place(placed);
                    case ShopTransaction.AdvanceOrder advanced -> update(ADVANCE, orders.id(advanced.order()));
                    case ShopTransaction.CancelOrder cancelled -> cancel(orders.id(cancelled.order()));
                    case ShopTransaction.ChangePrice changed ->
                        update(CHANGE_PRICE, changed.percent(), products.get(changed.product()));
                    case ShopTransaction.DeleteOldest deleted -> delete(deleted.orders());
                };
        connection.commit();
        return rows;
    }

    private int place(ShopTransaction.PlaceOrder placed) throws SQLException {
        long customer = customers.get(placed.customer());
        Array ids = bigints(placed.lines().stream()
                .map(line -> products.get(line.product()))
                .toList());
        Array quantities = connection.createArrayOf(
                "int4",
                placed.lines().stream().map(ShopTransaction.Line::quantity).toArray());
        long order = insertOrder(customer);
        int rows = 1 + placed.lines().size();
        update(INSERT_LINES, order, ids, quantities, order);
        rows += 1 + update(TAKE_FROM_STOCK, ids, quantities) + update(COUNT_ORDER, customer);
        orders.add(order);
        return rows;
    }

    private long insertOrder(long customer) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT_ORDER)) {
            insert.setLong(1, customer);
            try (ResultSet rows = insert.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    private int cancel(long order) throws SQLException {
        return update(CANCEL, order) + update(PUT_BACK, order);
    }

    private int delete(int count) throws SQLException {
        Array oldest = bigints(orders.takeOldest(count));
        return update(DELETE_LINES, oldest) + update(DELETE_ORDERS, oldest);
    }

    private Array bigints(List<Long> ids) throws SQLException {
        return connection.createArrayOf("int8", ids.toArray());
    }

    private int update(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            return statement.executeUpdate();
        }
    }

    private List<Long> ids(String query) throws SQLException {
        List<Long> ids = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(query);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
