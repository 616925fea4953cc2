# Airflow's official image with Dateline and its pinned dependencies. The tag must have the Airflow version of
# constraints.txt.
FROM apache/airflow:3.3.2-python3.12

USER root
# A new volume takes its owner from the folder on which it is first mounted.
RUN install --directory --owner=airflow --group=0 --mode=0775 /opt/dateline /data/warehouse /opt/airflow/secrets
WORKDIR /opt/dateline
COPY --chown=airflow:0 pyproject.toml constraints.txt README.md LICENSE ./
COPY --chown=airflow:0 schemas schemas
COPY --chown=airflow:0 etl etl
COPY --chown=airflow:0 config config
COPY --chown=airflow:0 dags dags

USER airflow
RUN pip install --no-cache-dir --constraint constraints.txt --editable '.[airflow,postgres]'

ENV AIRFLOW__CORE__DAGS_FOLDER=/opt/dateline/dags \
    DATELINE_WAREHOUSE=/data/warehouse \
    DATELINE_CONFIG=/opt/dateline/config
