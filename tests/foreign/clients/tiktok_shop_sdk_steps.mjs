// What tiktok-shop-sdk gets from the sandbox.
import { readFileSync } from "node:fs";

import { facts, load, print, take, takePages, tamper } from "./steps.mjs";

const { TikTokShopSDK } = load("tiktok-shop-sdk");
const { env } = process;

const sdk = new TikTokShopSDK({ appKey: env.TIKTOK_SHOP_APP_KEY, appSecret: env.TIKTOK_SHOP_APP_SECRET });
sdk.setAccessToken(env.TIKTOK_SHOP_ACCESS_TOKEN);
sdk.setShopCipher(env.TIKTOK_SHOP_SHOP_CIPHER);

await takePages((token) =>
  sdk.order.getOrderList({ query: { page_size: 100, ...(token && { page_token: token }) } }),
);

await take("authorization/shops", () => sdk.shop.getAuthorizedShops());
await take("seller/shops", () => sdk.seller.getActiveShops());
await take("seller/permissions", () => sdk.seller.getSellerPermissions());

const hook = { address: "https://seller.test/hook", event_type: "ORDER_STATUS_CHANGE" };
await take("event/update", () => sdk.event.updateShopWebhook(hook));
await take("event/list", () => sdk.event.getShopWebhooks());
await take("event/delete", () => sdk.event.deleteShopWebhook({ event_type: hook.event_type }));

await take("logistics/warehouses", () => sdk.logistic.getWarehouseList());
const options = await take("logistics/options", () => sdk.logistic.getWarehouseDeliveryOptions(facts.warehouse_id));
await take("logistics/providers", () => sdk.logistic.getShippingProviders(options.delivery_options[0].id));

await take("order/detail", () => sdk.order.getOrderDetail({ ids: facts.order_ids }));
await take("order/filtered", () =>
  sdk.order.getOrderList({ query: { page_size: 20 }, body: { order_status: "AWAITING_SHIPMENT" } }),
);

await take("fulfillment/search", () => sdk.fulfillment.searchPackage({ query: { page_size: 10 } }));

await take("product/categories", () => sdk.product.getCategories());
await take("product/brands", () => sdk.product.getBrands({ page_size: 100 }));
await take("product/search", () => sdk.product.searchProducts({ query: { page_size: 10 } }));
const product = await take("product/detail", () => sdk.product.getProduct({ product_id: facts.product_id }));
await take("product/stock", () => sdk.product.searchInventory({ product_ids: [facts.product_id] }));
const made = await take("product/create", () =>
  sdk.product.createProduct({
    title: "Desk lamp with a paper shade",
    description: "<p>Folds flat.</p>",
    category_id: "820100",
    main_images: [{ uri: product.main_images[0].uri }],
    package_weight: { value: "0.7", unit: "KILOGRAM" },
    skus: [
      {
        seller_sku: "LAMP-1",
        price: { amount: "24.90", currency: "USD" },
        inventory: [{ warehouse_id: facts.warehouse_id, quantity: 7 }],
      },
    ],
  }),
);
const product_id = made.product_id;
const sku = made.skus[0].id;
await take("product/edit", () =>
  sdk.product.partialEditProduct({ product_id, body: { title: "Desk lamp, paper shade" } }),
);
await take("product/price", () =>
  sdk.product.updateProductPrice({
    product_id,
    body: { skus: [{ id: sku, price: { amount: "22.50", currency: "USD" } }] },
  }),
);
await take("product/quantity", () =>
  sdk.product.updateProductInventory({
    product_id,
    body: { skus: [{ id: sku, inventory: [{ warehouse_id: facts.warehouse_id, quantity: 3 }] }] },
  }),
);
await take("product/edited", () => sdk.product.getProduct({ product_id }));
await take("product/deactivate", () => sdk.product.deactivateProducts({ product_ids: [product_id] }));
await take("product/activate", () => sdk.product.activateProducts({ product_ids: [product_id] }));
await take("product/delete", () => sdk.product.deleteProducts({ product_ids: [product_id] }));
await take("product/recover", () => sdk.product.recoverProduct({ product_ids: [product_id] }));

const returns = sdk.return_refund;
const { return_id, cancel_id } = facts;
await take("return_refund/cancellations", () => returns.searchCancellation({ query: { page_size: 10 } }));
await take("return_refund/cancellation", () => returns.approveCancellation({ cancel_id }));
await take("return_refund/returns", () => returns.searchReturn({ query: { page_size: 10 } }));
await take("return_refund/reasons", () => returns.getRejectReasons({ return_or_cancel_id: return_id }));
await take("return_refund/approve", () => returns.approveReturn({ return_id, body: { decision: "APPROVE_RETURN" } }));
await take("return_refund/records", () => returns.getReturnRecord({ return_id }));
await take("return_refund/eligibility", () =>
  returns.getAftersaleEligibility({
    order_id: facts.completed_order_id,
    query: { initiate_aftersale_user: "SELLER" },
  }),
);

const statements = await take("finance/statements", () =>
  sdk.finance.getStatements({ sort_field: "statement_time", page_size: 5 }),
);
await take("finance/statement", () =>
  sdk.finance.getTransactionsByStatement({
    statement_id: statements.statements[0].id,
    query: { sort_field: "order_create_time", page_size: 10 },
  }),
);
await take("finance/order", () => sdk.finance.getTransactionsByOrder(facts.completed_order_id));
await take("finance/payments", () => sdk.finance.getPayments({ sort_field: "create_time", page_size: 5 }));
sdk.setShopCipher(facts.asian_cipher);
await take("finance/withdrawals", () => sdk.finance.getWithdrawals({ types: ["WITHDRAW"], page_size: 5 }));
sdk.setShopCipher(env.TIKTOK_SHOP_SHOP_CIPHER);

const exchanged = await take("oauth/exchange", () => sdk.auth.getAccessToken({ auth_code: facts.auth_code }));
const { refresh_token } = exchanged;
const renewed = await take("oauth/refresh", () => sdk.auth.refreshAccessToken({ refresh_token }));
sdk.setAccessToken(renewed.access_token);
await take("oauth/shops", () => sdk.shop.getAuthorizedShops());

const picture = readFileSync(env.PICTURE_FILE);
await take("bug/an empty body", () => sdk.order.getOrderList({ query: { page_size: 20 }, body: {} }));
await take("bug/an undefined parameter", () =>
  sdk.order.getOrderList({ query: { page_size: 20, page_token: undefined } }),
);
await take("bug/an extra identifier", () => sdk.product.getGlobalCategories());
await take("bug/an upload", () => sdk.product.uploadProductImage({ data: picture, use_case: "MAIN_IMAGE" }));
sdk.setShopCipher(undefined);
await take("bug/an upload without a cipher", () =>
  sdk.product.uploadProductImage({ data: picture, use_case: "MAIN_IMAGE" }),
);
sdk.setShopCipher(env.TIKTOK_SHOP_SHOP_CIPHER);

tamper();
await take("tampered/get", () => sdk.shop.getAuthorizedShops());
await take("tampered/post", () =>
  sdk.order.getOrderList({ query: { page_size: 20 }, body: { order_status: "AWAITING_SHIPMENT" } }),
);
await take("tampered/put", () => sdk.event.updateShopWebhook(hook));
await take("tampered/delete", () => sdk.event.deleteShopWebhook({ event_type: hook.event_type }));
print();
